import VestigeCore
import VestigeInquiry
import VestigeTrail

/// Which trail is asked, after a recovery: the present one, or an older one that it goes on from, by its number as `/v1/status` tells it.
/// Questions to an older one stand in the present one.
enum AskedTrail {
    static let name = "trail"

    static let schema = #"{"type":"integer","minimum":1,"description":"An older trail, by the number that /v1/status gives it."}"#

    /// In a URL.
    static let parameter = Route.Parameter(
        name: name, place: "query", description: "An older trail, which the present one goes on from.", schema: schema)
}

extension Tenant {
    /// - Throws: ``Problem``: there is no such trail.
    func trail(_ number: Int?) throws(Problem) -> Trail { try older(number) ?? trail }

    /// - Throws: ``Problem``: there is no such trail.
    func inquiry(_ number: Int?) throws(Problem) -> Inquiry {
        guard let number, let asked = try older(number) else { return inquiry }
        return inquiry.asking(asked, number: number)
    }

    /// `nil` for the present one.
    private func older(_ number: Int?) throws(Problem) -> Trail? {
        guard let number, number != (older.first?.number ?? 0) + 1 else { return nil }
        guard let asked = older.first(where: { $0.number == number }) else {
            throw Problem(
                .invalidValue, "There is no trail of this number; /v1/status lists those that there are. Nothing was shown.",
                member: AskedTrail.name)
        }
        return asked.trail
    }
}

extension RequestMembers {
    /// The member `trail` of a question's body.
    func askedTrail() throws(Problem) -> Int? { try integer(AskedTrail.name, in: 1...Int.max) }
}

extension Call {
    /// The parameter `trail`, where it is the only one that a URL may have. Another one is refused.
    func askedTrail() throws(Problem) -> Int? {
        var asked: Int?
        for (name, value) in query() {
            guard name == AskedTrail.name else { throw RequestMembers.unknown(name, at: "", known: [AskedTrail.name]) }
            asked = try Call.trailNumber(value)
        }
        return asked
    }

    /// The trail that a URL asks for.
    func trail() throws(Problem) -> Trail { try requireAccess().tenant.trail(try askedTrail()) }

    static func trailNumber(_ text: String) throws(Problem) -> Int {
        guard let number = Int(text), number > 0 else {
            throw Problem(.invalidValue, "trail is a whole number from 1", member: AskedTrail.name)
        }
        return number
    }
}
