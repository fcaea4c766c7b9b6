import Hummingbird
import NIOCore
import VestigeCore
import VestigePolicy
import VestigeTrail

/// The service's description as OpenAPI 3.1, made from the routes themselves.
enum OpenAPIDocument {
    static func route(describing others: [Route]) -> Route {
        var document: [UInt8] = []
        let own = Route(
            method: .get, path: "/openapi.json", id: "openapi", summary: "This document.", need: .nothing,
            answers: [Route.Answer(description: "OpenAPI 3.1.", types: ["application/json"])], run: { _ in .text("") })
        document = bytes(of: others + [own])
        return Route(
            method: own.method, path: own.path, id: own.id, summary: own.summary, need: own.need, answers: own.answers,
            run: { [document] _ in .json(document) })
    }

    static func bytes(of routes: [Route]) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 * 1024)
        writer.object { json in
            json.member("openapi", "3.1.0")
            json.key("info")
            json.object { json in
                json.member("title", "Vestige")
                json.member("version", Vestige.version)
                json.member("description", description)
            }
            json.key("paths")
            json.object { json in
                for path in distinct(routes.map(\.path)) {
                    json.key(path)
                    json.object { json in for route in routes where route.path == path { write(route, to: &json) } }
                }
            }
            json.key("components")
            json.object { json in
                json.key("securitySchemes")
                json.raw(Array(#"{"bearer":{"type":"http","scheme":"bearer"}}"#.utf8))
                json.key("schemas")
                json.object { json in
                    for (name, schema) in Schemas.all {
                        json.key(name)
                        json.raw(Array(schema.utf8))
                    }
                }
            }
        }
        return writer.bytes
    }

    private static let description =
        "Who looked at whose data, asked over HTTP; and the way in for hosts in other languages. Every question about people needs a "
        + "purpose (header \(Header.purpose.canonicalName)) and is an entry of its own."

    private static func write(_ route: Route, to json: inout JSONWriter) {
        json.key(route.method.rawValue.lowercased())
        json.object { json in
            json.member("operationId", route.id)
            json.member("summary", route.summary)
            json.member("description", need(route))
            json.key("security")
            json.raw(Array((route.need == .nothing ? "[]" : #"[{"bearer":[]}]"#).utf8))
            var parameters = route.parameters
            if route.asksPurpose {
                parameters += [
                    Route.Parameter(
                        name: Header.purpose.canonicalName, place: "header", description: "A purpose of the policy.", isRequired: true),
                    Route.Parameter(
                        name: Header.caseReference.canonicalName, place: "header", description: "The case that the question belongs to.",
                        schema: #"{"type":"string","maxLength":512}"#),
                ]
            }
            if !parameters.isEmpty {
                json.key("parameters")
                json.array { list in for parameter in parameters { write(parameter, to: &list) } }
            }
            if let body = route.body {
                json.key("requestBody")
                json.object { json in
                    json.key("required")
                    json.boolean(true)
                    write(content: body.types, body.schema, to: &json)
                }
            }
            json.key("responses")
            json.object { json in
                for answer in route.answers { write(answer, to: &json) }
                write(problems: route.allProblems, to: &json)
            }
        }
    }

    private static func need(_ route: Route) -> String {
        switch route.need {
        case .nothing: "Needs no credential."
        case .credential: "Needs a credential of any role but self."
        case .right(let right): "Needs the right \(right.rawValue)" + (route.asksPurpose ? " and a purpose." : ".")
        case .oneself: "Needs a credential of the role self."
        }
    }

    private static func write(_ parameter: Route.Parameter, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", parameter.name)
            json.member("in", parameter.place)
            json.member("description", parameter.description)
            json.key("required")
            json.boolean(parameter.isRequired)
            json.key("schema")
            json.raw(Array(parameter.schema.utf8))
        }
    }

    private static func write(_ answer: Route.Answer, to json: inout JSONWriter) {
        json.key("\(answer.status.code)")
        json.object { json in
            json.member("description", answer.description)
            write(content: answer.types, answer.schema, to: &json)
        }
    }

    /// One response for each status, which names the types that it may have.
    private static func write(problems: [ProblemKind], to json: inout JSONWriter) {
        for status in Set(problems.map(\.status.code)).sorted() {
            let kinds = ProblemKind.allCases.filter { $0.status.code == status && problems.contains($0) }
            json.key("\(status)")
            json.object { json in
                json.member("description", kinds.map { "\($0.type): \($0.title)." }.joined(separator: " "))
                write(content: ["application/problem+json"], "Problem", to: &json)
            }
        }
    }

    private static func write(content types: [String], _ schema: String?, to json: inout JSONWriter) {
        json.key("content")
        json.object { json in
            for type in types {
                json.key(type)
                json.object { json in
                    guard let schema, type.hasSuffix("json") else { return }
                    json.key("schema")
                    json.object { $0.member("$ref", "#/components/schemas/\(schema)") }
                }
            }
        }
    }

    private static func distinct(_ paths: [String]) -> [String] {
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }
}
