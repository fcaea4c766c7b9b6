import Foundation
import Testing

@testable import VestigeServer

@Suite("The OpenAPI document")
struct OpenAPITests {
    private static func document() async throws -> (ServiceHost, [String: Any]) {
        let host = try await ServiceHost()
        return (host, try await host.serve { try await $0.get("/openapi.json").bytes }.object)
    }

    private static func operations(_ document: [String: Any]) -> [(method: String, path: String, operation: [String: Any])] {
        (document["paths"] as? [String: [String: [String: Any]]] ?? [:]).flatMap { path, operations in
            operations.map { ($0.key, path, $0.value) }
        }
    }

    @Test("the document has every route of the router, and the router every one of the document")
    func bothDirections() async throws {
        let (host, document) = try await Self.document()
        #expect(document["openapi"] as? String == "3.1.0")
        let described = Set(Self.operations(document).map { "\($0.method.uppercased()) \($0.path)" })
        let routed = Set(host.service().routed.map { $0.replacing("**", with: "{tile}") })
        #expect(described == routed)
        #expect(routed.count == host.service().routes.count)
    }

    @Test("every reference leads somewhere, and every schema is one that something refers to")
    func references() async throws {
        let (_, document) = try await Self.document()
        let schemas = Set(((document["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]).keys)
        let text = String(decoding: try JSONSerialization.data(withJSONObject: document, options: .withoutEscapingSlashes), as: UTF8.self)
        let used = Set(text.matches(of: #/"#\/components\/schemas\/([A-Za-z]+)"/#).map { String($0.output.1) })
        #expect(used == schemas)
    }

    @Test("every operation says who may, names its problems, and what needs a purpose asks for it")
    func complete() async throws {
        let (host, document) = try await Self.document()
        var ids: Set<String> = []
        for (_, path, operation) in Self.operations(document) {
            let id = try #require(operation["operationId"] as? String)
            #expect(ids.insert(id).inserted, "\(id) twice")
            let route = try #require(host.service().routes.first { $0.id == id })
            #expect((operation["security"] as? [Any])?.isEmpty == (route.need == .nothing), "\(path)")
            let statuses = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
            #expect(route.need == .nothing || statuses.isSuperset(of: ["401", "403", "429", "503"]), "\(path)")
            #expect(statuses.contains("428") == route.asksPurpose, "\(path)")
            let names = (operation["parameters"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            #expect(names.contains("vestige-purpose") == route.asksPurpose, "\(path)")
        }
    }

    @Test("routes that need somebody to ask about people ask for a purpose")
    func purposes() async throws {
        let host = try await ServiceHost()
        let asking = Set(host.service().routes.filter(\.asksPurpose).map(\.id))
        #expect(asking == ["listEntries", "searchEntries", "entry", "whoViewed", "viewedBy", "resolve", "exportEntries"])
    }

    @Test("no path of a route has a place for a person or a record")
    func paths() async throws {
        let host = try await ServiceHost()
        let places = Set(host.service().routes.flatMap { $0.path.matches(of: #/\{([a-z]+)\}/#).map { String($0.output.1) } })
        #expect(places == ["seq", "size", "level", "tile"])
    }
}

extension [UInt8] {
    var object: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(self)) as? [String: Any]) ?? [:] }
}
