import Foundation
import FoundationNetworking
import Testing

/// A plain HTTP client that keeps no cookies and caches nothing.
struct ServiceClient: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The members of a JSON object; empty where it is none.
        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]) ?? [:] }
        /// The kind of a problem, without what is common to all.
        var problem: String? { (json["type"] as? String)?.replacing("urn:vestige:problem:", with: "") }
        var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    let port: Int
    var token: String?
    var purpose: String? = "audit"

    func with(_ token: String?) -> ServiceClient {
        var client = self
        client.token = token
        return client
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer { try await send("GET", path, headers: headers) }

    func post(_ path: String, _ body: String, type: String = "application/json", headers: [String: String] = [:]) async throws -> Answer {
        try await send("POST", path, body: body, headers: headers.merging(["Content-Type": type]) { own, _ in own })
    }

    func send(_ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.timeoutInterval = 180
        request.httpBody = body.map { Data($0.utf8) }
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        request.setValue(purpose, forHTTPHeaderField: "Vestige-Purpose")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var fields: [String: String] = [:]
        for (name, value) in http.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        let answer = Answer(status: http.statusCode, headers: fields, bytes: [UInt8](data))
        // In every test of the service.
        if http.statusCode >= 400 {
            for value in ServiceHost.personalValues { #expect(!answer.text.contains(value), "a problem names somebody: \(answer.text)") }
        }
        return answer
    }
}
