import Foundation
import FoundationNetworking
import Logging
import Synchronization
import VestigeCore
import VestigeHummingbird

@testable import PeopleDirectory

/// Keeps what the directory records.
final class EntryCollector: LookRecorder {
    private let collected = Mutex<[Entry]>([])

    var entries: [Entry] { collected.withLock { $0 } }

    func recordDurably(_ entry: Entry) async throws {
        collected.withLock { $0.append(entry) }
    }
}

/// The directory with a database of its own, in a folder that goes when the host goes.
final class DirectoryHost: Sendable {
    let collector = EntryCollector()
    let generator = PersonGenerator()
    let store: DirectoryStore
    private let app: DirectoryApp
    private let folder: URL

    /// - Parameter recorder: In place of the collector.
    init(recorder: (any LookRecorder)? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "people-directory-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try DirectoryStore(path: folder.appending(path: "directory.sqlite").path)
        var logger = Logger(label: "directory-test")
        logger.logLevel = .critical
        app = DirectoryApp(store: store, recorder: recorder ?? collector, policy: try DirectoryPolicy.parsed(), logger: logger)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func serve<Outcome: Sendable>(_ body: @escaping @Sendable (Browser) async throws -> Outcome) async throws -> Outcome {
        try await app.serve { port in try await body(Browser(port: port)) }
    }

    /// Signs everybody in and sends the whole plan, one request after the other.
    func drive(
        _ plan: TrafficPlan, people: [Person], check: @escaping @Sendable (PlannedRequest, _ status: Int) -> Void
    ) async throws {
        let generator = generator
        try await serve { browser in
            var cookies: [String: String] = [:]
            for person in people where plan.actorIDs.contains(person.id) {
                cookies[person.id] = try await browser.signIn(person, passphrase: generator.passphrase(for: person.id))
            }
            for request in plan.requests {
                var headers = ["X-Forwarded-For": request.address, "User-Agent": request.userAgent]
                headers["X-Purpose"] = request.purpose
                let answer = try await browser.send(request.path, cookie: request.actorID.flatMap { cookies[$0] }, headers: headers)
                check(request, answer.status)
            }
        }
    }
}

/// Sends requests as they are given: no cookie jar, no cache, no redirects followed.
final class Browser: NSObject, URLSessionTaskDelegate, Sendable {
    let port: Int

    init(port: Int) {
        self.port = port
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func send(
        _ path: String, method: String = "GET", cookie: String? = nil, headers: [String: String] = [:], form: String? = nil
    ) async throws -> (status: Int, text: String, cookie: String?) {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.timeoutInterval = 20
        request.httpShouldHandleCookies = false
        request.httpBody = form.map { Data($0.utf8) }
        if form != nil { request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue(cookie, forHTTPHeaderField: "Cookie")
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let set = http.value(forHTTPHeaderField: "Set-Cookie")?.split(separator: ";").first.map(String.init)
        return (http.statusCode, String(decoding: data, as: UTF8.self), set)
    }

    /// - Returns: the cookie.
    func signIn(_ person: Person, passphrase: String) async throws -> String? {
        try await send("/sign-in", method: "POST", form: "email=\(person.email)&passphrase=\(passphrase)").cookie
    }
}
