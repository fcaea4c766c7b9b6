import Foundation
import FoundationNetworking

/// A plain HTTP client that keeps no cookies and caches nothing.
struct TestClient: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String
    }

    let port: Int

    /// - Parameters:
    ///   - path: As it goes on the wire.
    ///   - actor: Who is signed in.
    func get(
        _ path: String, actor: String? = "1", purpose: String? = "support", method: String = "GET", headers: [String: String] = [:]
    ) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.timeoutInterval = 180
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue(actor, forHTTPHeaderField: "X-Test-Actor")
        request.setValue(purpose, forHTTPHeaderField: "X-Purpose")
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var fields: [String: String] = [:]
        for (name, value) in http.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        return Answer(status: http.statusCode, headers: fields, text: String(decoding: data, as: UTF8.self))
    }
}
