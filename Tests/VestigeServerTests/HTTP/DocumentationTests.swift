import Foundation
import HTTPTypes
import TestSupport
import Testing
import VestigePolicy

@testable import VestigeServer

@Suite("Docs/API.md")
struct DocumentationTests {
    private static func text() throws -> String { try String(contentsOfFile: Checkout.path("Docs/API.md"), encoding: .utf8) }

    @Test("names every route with what it needs, and no route that there is not")
    func routes() async throws {
        let text = try Self.text()
        let routes = try await ServiceHost().service().routes
        for route in routes {
            let row = try #require(
                text.split(separator: "\n").first { $0.hasPrefix("| `") && $0.contains("`\(route.verb) \(route.path)`") }, "\(route.id)")
            if case .right(let right) = route.need {
                #expect(row.contains("| `\(right.rawValue)`\(route.asksPurpose ? ", purpose" : "") |"), "\(route.id)")
            }
        }
        let named = Set(text.matches(of: #/`(GET|POST) (\/[^`]*)`/#).map { "\($0.output.1) \($0.output.2)" })
        #expect(named == Set(routes.map { "\($0.verb) \($0.path)" }))
    }

    @Test("has a row for every problem, with its status", arguments: ProblemKind.allCases)
    func problems(kind: ProblemKind) throws {
        #expect(try Self.text().contains("\n| `\(kind.rawValue)` | \(kind.status.code) |"))
    }
}
