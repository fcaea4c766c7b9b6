import Foundation
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

@Suite("What leaves the service besides its answers")
struct LeakTests {
    /// Values of people that the requests below bring along, in every place where a client can put one. In the place of a code they stand in a form
    /// that is none: a word that could be a code is told back to whoever sent it, with what was probably meant.
    private static let values = [
        "Wilhelmina", "4711-0815", "wilhelmina@example.org", "10.77.66.55", "T-SECRET-9", "Firefox-of-Wilhelmina", "hw-77-66",
    ]

    @Test(
        "at every route: neither what stands in its path, query, body and headers, nor a bad credential, is told anybody",
        arguments: ServiceHost.roles)
    func everyRoute(role: String) async throws {
        let host = try await ServiceHost()
        let routes = host.service().routes
        let secret = host.secrets[role]
        let answers = try await host.serve { client in
            var answers: [ServiceClient.Answer] = []
            let known = client.with(secret)
            for route in routes {
                let good = AccessMatrixTests.path(of: route)
                let places = route.path.replacing(#/\{[a-z]+\}/#, with: "Wilhelmina")
                let body = AccessMatrixTests.bodies[route.id]
                let json = ["Content-Type": "application/json"]
                answers.append(try await known.send(route.verb, places, body: body, headers: json))
                for query in [
                    "Wilhelmina%20von%20K=4711-0815", "trail=Wilhelmina", "limit=Wilhelmina", "cursor=Wilhelmina",
                    "actor=wilhelmina@example.org",
                    "subject=%40Wilhelmina", "to=Wilhelmina", "%FF=Wilhelmina",
                ] { answers.append(try await known.send(route.verb, good + "?" + query, body: body, headers: json)) }
                for text in [
                    #"{"Wilhelmina von K":1}"#, #"["Wilhelmina"]"#, "Wilhelmina", #"{"trail":"Wilhelmina"}"#,
                    #"{"pseudonym":"Wilhelmina"}"#,
                ] {
                    answers.append(try await known.send(route.verb, good, body: body == nil ? nil : text, headers: json))
                }
                for headers in [
                    ["Content-Type": "text/Wilhelmina"], ["Vestige-Purpose": "Wilhelmina"],
                    ["Vestige-Case": "Wilhelmina" + String(repeating: "x", count: 600)], ["X-Forwarded-For": "Wilhelmina"],
                    ["Authorization": "Bearer Wilhelmina"], ["Authorization": "Wilhelmina 4711-0815"],
                    ["Authorization": "Bearer \(Data(#"{"alg":"Wilhelmina"}"#.utf8).base64EncodedString()).Wilhelmina.4711-0815"],
                ] { answers.append(try await known.send(route.verb, good, body: body, headers: json.merging(headers) { $1 })) }
            }
            let metrics = try await client.with(host.secrets["admin"]).get("/metrics")
            #expect(metrics.status == 200)
            return answers.filter { $0.status != 200 } + [metrics]
        }
        #expect(answers.count > routes.count * 5)
        for answer in answers {
            #expect(answer.status < 500)
            for value in Self.values { #expect(!answer.text.localizedCaseInsensitiveContains(value), "\(answer.text)") }
        }
        for value in Self.values { #expect(!host.logs.text.localizedCaseInsensitiveContains(value)) }
    }

    @Test("neither logs at any level, nor metrics, nor problems hold a value of anybody")
    func nothing() async throws {
        let host = try await ServiceHost()
        let entry =
            #"{"event":"read","actor":{"type":"user","id":"4711-0815","name":"Wilhelmina","email":"wilhelmina@example.org","ip":"10.77.66.55"},"record":{"type":"user","id":"4711-0815"},"purpose":"support","case":"T-SECRET-9"}"#
        let headers = ["User-Agent": "Firefox-of-Wilhelmina", "Vestige-Case": "T-SECRET-9", "X-Forwarded-For": "127.0.0.1"]
        let problems = try await host.serve { client in
            var answers: [ServiceClient.Answer] = []
            for role in [nil] + ServiceHost.roles {
                let client = client.with(role.flatMap { host.secrets[$0] })
                answers.append(try await client.post("/v1/record", entry, headers: headers))
                answers.append(try await client.post("/v1/record", entry.replacing("support", with: "Wilhelmina von K"), headers: headers))
                answers.append(try await client.post("/v1/record", entry.replacing("user", with: "Wilhelmina von K"), headers: headers))
                answers.append(try await client.post("/v1/record", entry.replacing(":", with: "Wilhelmina"), headers: headers))
                for body in [
                    #"{"record":{"type":"user","id":"4711-0815"}}"#, #"{"record":{"type":"Wilhelmina von K","id":"4711-0815"}}"#,
                    #"{"record":"Wilhelmina"}"#, #"{"Wilhelmina von K":1}"#,
                    #"{"record":{"type":"user","id":"4711-0815"},"since":"Wilhelmina"}"#,
                    #"{"record":{"pseudonym":"Wilhelmina"}}"#, "Wilhelmina",
                ] { answers.append(try await client.post("/v1/who-viewed", body, headers: headers)) }
                for body in [
                    #"{"filters":{"actor":"user/4711-0815","text":"Wilhelmina"}}"#, #"{"filters":{"Wilhelmina von K":"x"}}"#,
                    #"{"filters":{"channel":"Wilhelmina von K"}}"#, #"{"filters":{"actor":"Wilhelmina"}}"#,
                    #"{"filters":{"record":"hardware/hw-77-66"}}"#,
                    #"{"query":"actor:user/4711-0815 \"Wilhelmina"}"#, #"{"query":"\"Wilhelmina\" von:K"}"#,
                    #"{"query":"actor:Wilhelmina"}"#, #"{"cursor":"Wilhelmina"}"#,
                ] { answers.append(try await client.post("/v1/entries/search", body, headers: headers)) }
                for body in [
                    #"{"format":"Wilhelmina"}"#, #"{"format":"csv","open":["Wilhelmina"]}"#,
                    #"{"format":"csv","query":"subject:wilhelmina@example.org"}"#,
                ] { answers.append(try await client.post("/v1/exports", body, headers: headers)) }
                for path in [
                    "/v1/entries?actor=user/4711-0815", "/v1/entries?text=Wilhelmina", "/v1/entries?query=Wilhelmina",
                    "/v1/entries?cursor=Wilhelmina", "/v1/entries?facets=Wilhelmina", "/v1/entries?from=Wilhelmina",
                    "/Wilhelmina/4711-0815",
                    "/v1/entries/Wilhelmina", "/v1/proofs/4711-0815", "/v1/tile/0/Wilhelmina", "/v1/entries?Wilhelmina%20von%20K=1",
                ] { answers.append(try await client.get(path, headers: headers)) }
                answers.append(try await client.send("WILHELMINA", "/v1/entries", headers: headers))
                answers.append(try await client.get("/v1/status", headers: ["Vestige-Purpose": "Wilhelmina"]))
            }
            let metrics = try await client.with(host.secrets["admin"]).get("/metrics")
            #expect(metrics.status == 200)
            return answers.filter { $0.status != 200 } + [metrics]
        }
        #expect(problems.count > 100)
        #expect(problems.allSatisfy { $0.status < 500 })
        for value in Self.values {
            for problem in problems { #expect(!problem.text.localizedCaseInsensitiveContains(value), "\(problem.text)") }
            #expect(!host.logs.text.localizedCaseInsensitiveContains(value))
        }
        for secret in host.secrets.values { #expect(!host.logs.text.contains(secret.dropFirst(4))) }
        for secret in host.secrets.values { for problem in problems { #expect(!problem.text.contains(secret.dropFirst(4))) } }
        #expect(host.logs.text.contains("/v1/who-viewed"), "something was logged")
        // The test can fail: the values did get where they belong.
        #expect(try await host.vestige.opened().contains { $0.actor?.name == "Wilhelmina" })
    }
}
