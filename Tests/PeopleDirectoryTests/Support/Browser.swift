import Foundation
import FoundationNetworking

@testable import PeopleDirectory

/// Sends requests as they are given: no cookie jar, no cache, no redirects followed.
struct Browser: Sendable {
    struct Answer: Sendable {
        let status: Int
        let text: String
        let cookie: String?
        let location: String?
    }

    let port: Int
    /// Of the one who is signed in.
    var cookie: String?

    init(port: Int) {
        self.port = port
    }

    func get(_ path: String, purpose: String? = "support", headers: [String: String] = [:]) async throws -> Answer {
        try await send(path, purpose: purpose, headers: headers)
    }

    func post(
        _ path: String, _ form: KeyValuePairs<String, String> = [:], purpose: String? = "support", headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(path, form: form.map { ($0.key, $0.value) }, purpose: purpose, headers: headers)
    }

    func send(
        _ path: String, form: [(String, String)]? = nil, purpose: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.timeoutInterval = 180
        request.httpShouldHandleCookies = false
        if let form {
            request.httpMethod = "POST"
            request.httpBody = Data(form.map { "\($0)=\(escaped($1))" }.joined(separator: "&").utf8)
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue(purpose, forHTTPHeaderField: "X-Purpose")
        request.setValue(cookie, forHTTPHeaderField: "Cookie")
        let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        return Answer(
            status: http.statusCode, text: String(decoding: data, as: UTF8.self),
            cookie: http.value(forHTTPHeaderField: "Set-Cookie")?.split(separator: ";").first.map(String.init),
            location: http.value(forHTTPHeaderField: "Location"))
    }

    /// - Returns: the cookie.
    func signIn(_ person: MadeUpPerson, passphrase: String) async throws -> String? {
        try await post("/sign-in", ["email": person.email, "passphrase": passphrase]).cookie
    }

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate, Sendable {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
