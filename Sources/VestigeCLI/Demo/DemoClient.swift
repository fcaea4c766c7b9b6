import Foundation
import FoundationNetworking
import PeopleDirectory
import VestigePolicy

/// The demo's people at their browsers: real HTTP requests to the example host, a session and a cookie for each.
struct DemoClient: Sendable {
    /// Requests under way at once.
    static let concurrency = 24

    private let base: String
    private let sessions: [String: URLSession]
    private let anonymous: URLSession
    private let cookies: [String: String]

    /// Signs everybody in.
    ///
    /// - Throws: ``Failure`` when somebody gets no cookie.
    static func signIn(_ people: [Person], generator: PersonGenerator, port: Int) async throws -> DemoClient {
        let base = "http://127.0.0.1:\(port)"
        var sessions: [String: URLSession] = [:]
        var cookies: [String: String] = [:]
        for person in people {
            let session = session()
            sessions[person.id] = session
            guard let url = URL(string: base + "/sign-in") else { throw Failure.refused("the demo's host has no address") }
            var request = URLRequest(url: url)
            request.httpMethod = "POST"
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
            let form = "email=\(escaped(person.email))&passphrase=\(escaped(generator.passphrase(for: person.id)))"
            request.httpBody = Data(form.utf8)
            let (status, headers) = try await send(request, in: session)
            guard status == 303, let cookie = headers["Set-Cookie"]?.split(separator: ";").first else {
                throw Failure.refused("the demo's host did not sign somebody in (status \(status))")
            }
            cookies[person.id] = String(cookie)
        }
        return DemoClient(base: base, sessions: sessions, anonymous: session(), cookies: cookies)
    }

    /// Sends requests side by side.
    ///
    /// - Returns: the status of each by the number of its request.
    func send(_ requests: [PlannedRequest], progress: @Sendable (Int) -> Void) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            var statuses: [Int: Int] = [:]
            var rest = requests[...]
            for request in rest.prefix(DemoClient.concurrency) { group.addTask { (request.number, try await send(request)) } }
            rest = rest.dropFirst(DemoClient.concurrency)
            while let (number, status) = try await group.next() {
                statuses[number] = status
                if statuses.count.isMultiple(of: 100) { progress(statuses.count) }
                if let request = rest.popFirst() { group.addTask { (request.number, try await send(request)) } }
            }
            return statuses
        }
    }

    func close() {
        for session in sessions.values { session.invalidateAndCancel() }
        anonymous.invalidateAndCancel()
    }

    private func send(_ planned: PlannedRequest) async throws -> Int {
        guard let url = URL(string: base + planned.path) else { throw Failure.refused("the demo's plan has a path that is none") }
        var request = URLRequest(url: url)
        request.setValue(planned.address, forHTTPHeaderField: "X-Forwarded-For")
        request.setValue(planned.userAgent, forHTTPHeaderField: "User-Agent")
        if let purpose = planned.purpose { request.setValue(purpose, forHTTPHeaderField: "X-Purpose") }
        if let id = planned.actorID, let cookie = cookies[id] { request.setValue(cookie, forHTTPHeaderField: "Cookie") }
        return try await DemoClient.send(request, in: planned.actorID.flatMap { sessions[$0] } ?? anonymous).status
    }

    private static func session() -> URLSession {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.timeoutIntervalForRequest = 20
        return URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }

    private static func send(_ request: URLRequest, in session: URLSession) async throws -> (status: Int, headers: [String: String]) {
        let (_, response) = try await session.data(for: request)
        guard let answer = response as? HTTPURLResponse else { throw Failure.refused("the demo's host gave no HTTP answer") }
        var headers: [String: String] = [:]
        for (name, value) in answer.allHeaderFields { headers["\(name)"] = "\(value)" }
        return (answer.statusCode, headers)
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// Hands a redirect out as it came: the cookie stands in it.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
