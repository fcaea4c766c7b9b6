import Hummingbird
import VestigeCore

/// The forms of the directory. A form of another site cannot be sent in somebody's name: the session's cookie is `SameSite=Lax`, so browsers
/// do not send it along with another site's POST, and without it every form is answered with 401. Nothing is changed by a GET.
extension Request {
    static let formByteCountMax = 4 * 1024

    /// - Throws: 413 for a longer form, 400 for one that is no `Form`.
    func form<Form: Decodable>(_ type: Form.Type) async throws -> Form {
        let body = try await self.body.collect(upTo: Self.formByteCountMax)
        guard let form = try? URLEncodedFormDecoder().decode(Form.self, from: String(buffer: body)) else { throw HTTPError(.badRequest) }
        return form
    }
}

/// A person's form, as it was filled in.
struct PersonForm: Decodable {
    static let textByteCountMax = 254

    let name: String
    let email: String
    let phone: String
    let birthday: String
    let salary: Int
    let department: String

    /// - Throws: 400 for an empty or overlong field.
    func fill(_ person: inout Person) throws {
        guard [name, email, phone, birthday, department].allSatisfy({ (1...Self.textByteCountMax).contains($0.utf8.count) }) else {
            throw HTTPError(.badRequest)
        }
        person.name.set(name)
        person.email.set(email.lowercased())
        person.phone.set(phone)
        person.birthday.set(birthday)
        person.salary.set(salary)
        person.department = department
    }
}
