import Foundation
import FoundationNetworking
import PeopleDirectory
import VestigeCore
import VestigePolicy

/// The demo's people at their browsers: real HTTP requests to the example host, a session and a cookie for each.
struct DemoClient: Sendable {
    /// Requests under way at once.
    static let concurrency = 24

    /// What came back, read to its end.
    struct Answer: Sendable {
        let status: Int
        let cookie: String?
        let text: String

        var lineCount: Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
    }

    private let base: String
    private let sessions: [String: URLSession]
    private let anonymous: URLSession
    private let cookies: [String: String]

    /// Signs everybody in.
    ///
    /// - Throws: ``Failure`` when somebody gets no cookie.
    static func signIn(_ people: [MadeUpPerson], generator: PersonGenerator, port: Int) async throws -> DemoClient {
        try await signIn(people.map { ($0.id, $0.email) }, generator, port: port)
    }

    /// Signs somebody in by the address that their row has now.
    static func signIn(_ person: Person, generator: PersonGenerator, port: Int) async throws -> DemoClient {
        try await signIn([(person.id, person.email.value ?? "")], generator, port: port)
    }

    private static func signIn(_ people: [(id: String, email: String)], _ generator: PersonGenerator, port: Int) async throws -> DemoClient
    {
        let base = "http://127.0.0.1:\(port)"
        var sessions: [String: URLSession] = [:]
        var cookies: [String: String] = [:]
        for person in people {
            let session = session()
            sessions[person.id] = session
            guard let url = URL(string: base + "/sign-in") else { throw Failure.refused("the demo's host has no address") }
            var request = URLRequest(url: url)
            post([("email", person.email), ("passphrase", generator.passphrase(for: person.id))], with: &request)
            let answer = try await send(request, in: session)
            guard answer.status == 303, let cookie = answer.cookie?.split(separator: ";").first else {
                throw Failure.refused("the demo's host did not sign somebody in (status \(answer.status))")
            }
            cookies[person.id] = String(cookie)
        }
        return DemoClient(base: base, sessions: sessions, anonymous: session(), cookies: cookies)
    }

    /// A page beside the plan, as somebody sees it who has signed in.
    func page(_ path: String, as person: String, purpose: String) async throws -> String {
        guard let url = URL(string: base + path), let session = sessions[person], let cookie = cookies[person] else {
            throw Failure.refused("nobody is signed in who could open the page")
        }
        var request = URLRequest(url: url)
        request.setValue(cookie, forHTTPHeaderField: "Cookie")
        request.setValue(purpose, forHTTPHeaderField: "X-Purpose")
        let answer = try await DemoClient.send(request, in: session)
        guard answer.status == 200 else { throw Failure.refused("the demo's host did not show a page (status \(answer.status))") }
        return answer.text
    }

    /// Sends requests side by side.
    ///
    /// - Returns: the answer to each by the number of its request.
    func send(_ requests: [PlannedRequest], progress: @Sendable (Int) -> Void) async throws -> [Int: Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            var answers: [Int: Answer] = [:]
            var rest = requests[...]
            for request in rest.prefix(DemoClient.concurrency) { group.addTask { (request.number, try await send(request)) } }
            rest = rest.dropFirst(DemoClient.concurrency)
            while let (number, answer) = try await group.next() {
                answers[number] = answer
                if answers.count.isMultiple(of: 100) { progress(answers.count) }
                if let request = rest.popFirst() { group.addTask { (request.number, try await send(request)) } }
            }
            return answers
        }
    }

    func close() {
        for session in sessions.values { session.invalidateAndCancel() }
        anonymous.invalidateAndCancel()
    }

    private func send(_ planned: PlannedRequest) async throws -> Answer {
        guard let url = URL(string: base + planned.path) else { throw Failure.refused("the demo's plan has a path that is none") }
        var request = URLRequest(url: url)
        request.setValue(planned.address, forHTTPHeaderField: "X-Forwarded-For")
        request.setValue(planned.userAgent, forHTTPHeaderField: "User-Agent")
        if let purpose = planned.purpose { request.setValue(purpose, forHTTPHeaderField: "X-Purpose") }
        if let id = planned.actorID, let cookie = cookies[id] { request.setValue(cookie, forHTTPHeaderField: "Cookie") }
        if planned.method == "POST" { DemoClient.post(planned.form.map { ($0.name, $0.value) }, with: &request) }
        return try await DemoClient.send(request, in: planned.actorID.flatMap { sessions[$0] } ?? anonymous)
    }

    private static func session() -> URLSession {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.timeoutIntervalForRequest = 120
        return URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }

    private static func send(_ request: URLRequest, in session: URLSession) async throws -> Answer {
        let (body, response) = try await session.data(for: request)
        guard let answer = response as? HTTPURLResponse else { throw Failure.refused("the demo's host gave no HTTP answer") }
        return Answer(
            status: answer.statusCode, cookie: answer.value(forHTTPHeaderField: "Set-Cookie"),
            text: String(decoding: body, as: UTF8.self))
    }

    private static func post(_ form: [(name: String, value: String)], with request: inout URLRequest) {
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(form.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&").utf8)
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
