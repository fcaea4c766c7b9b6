import Hummingbird
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTrail

/// Entries: a page of those that match, or one with its proof.
struct EntryRoutes: Sendable {
    private static let page = Route.Answer(
        description: "One page, newest first; with a cursor if there is more.", types: ["application/json"], schema: "EntryPage")

    var routes: [Route] {
        [
            Route(
                method: .get, path: "/v1/entries", id: "listEntries",
                summary: "One page of the entries that match. Actors, records and subjects are asked for as @PSEUDONYM.",
                need: .right(.query), asksPurpose: true, parameters: Self.parameters, answers: [Self.page],
                problems: [.unknownFilter, .unknownCode, .personInURL], run: list),
            Route(
                method: .post, path: "/v1/entries/search", id: "searchEntries",
                summary: "The same, asked in the body: also by TYPE/ID and by text.", need: .right(.query), asksPurpose: true,
                body: Route.Body(types: ["application/json"], schema: "EntrySearch"), answers: [Self.page],
                problems: [.unknownFilter, .unknownCode], run: search),
            Route(
                method: .get, path: "/v1/entries/{seq}", id: "entry",
                summary: "One entry; for those who may verify with the proof that it stands in the trail.", need: .right(.query),
                asksPurpose: true,
                parameters: [
                    Route.Parameter(
                        name: "seq", place: "path", description: "The entry's place, from 0.",
                        schema: #"{"type":"integer","format":"int64","minimum":0}"#, isRequired: true)
                ],
                answers: [
                    Route.Answer(
                        description: "The entry as far as the role may see it.", types: ["application/json"], schema: "ProvenEntry")
                ],
                problems: [.notFound], run: one),
        ]
    }

    private static let parameters: [Route.Parameter] =
        EntryFilter.names.filter { $0 != "text" }.map {
            let isReference = EntryParameters.references.contains($0)
            return Route.Parameter(
                name: $0, place: "query",
                description: isReference
                    ? "@PSEUDONYM." : ["from", "to"].contains($0) ? "A date or a time, UTC." : "Codes; several with commas.",
                schema: isReference ? ##"{"type":"string","pattern":"^@[0-9a-f]{32}$"}"## : #"{"type":"string"}"#)
        } + PageParameters.described

    private func list(_ call: Call) async throws -> Response {
        let asked = try EntryParameters(query: call.query())
        return try await answer(asked, call)
    }

    private func search(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["filters", "limit", "cursor"])
        let asked = EntryParameters(
            filter: try EntryFilter(try members.filters("filters")),
            limit: try members.integer("limit", in: Limits.pageCount) ?? Limits.pageCountStandard,
            cursor: try members.integer("cursor", in: 0...Int.max).map(UInt64.init))
        return try await answer(asked, call)
    }

    private func answer(_ asked: EntryParameters, _ call: Call) async throws -> Response {
        let inquiry = try call.requireAccess().tenant.inquiry
        let page = try await inquiry.entries(asked.filter, limit: asked.limit, cursor: asked.cursor, asker: try call.asker())
        return .json(EntryPageJSON.document(page))
    }

    private func one(_ call: Call) async throws -> Response {
        let access = try call.requireAccess()
        guard let seq = call.context.parameters.get("seq").flatMap({ UInt64($0) }) else {
            throw Problem(.invalidValue, "seq is the entry's place, a whole number from 0", member: "seq")
        }
        guard let entry = try await access.tenant.inquiry.entry(seq, asker: try call.asker()) else { throw Problem.noSuchEntry }
        let proven = access.rights.contains(.verify) ? try await access.tenant.trail.proof(of: seq) : nil
        var writer = JSONWriter(capacity: 8192)
        writer.object { json in
            json.key("entry")
            EntryJSON.write(entry, to: &json)
            guard let (stored, proof, checkpoint) = proven else { return }
            json.key("proof")
            json.object { EntryProof(stored, proof, checkpoint).write(to: &$0) }
        }
        return .json(writer.bytes)
    }
}

/// What a list is asked for in a URL. Whoever and whatever record it is about may stand there as a pseudonym only, and free text not at all:
/// URLs are kept in logs, histories and caches.
struct EntryParameters {
    static let references = ["actor", "record", "subject"]

    let filter: EntryFilter
    let limit: Int
    let cursor: UInt64?

    init(filter: EntryFilter, limit: Int, cursor: UInt64?) {
        self.filter = filter
        self.limit = limit
        self.cursor = cursor
    }

    init(query: [(name: String, value: String)]) throws {
        var filter = EntryFilter()
        var page = PageParameters()
        for (name, value) in query {
            switch name {
            case _ where try page.take(name, value): break
            case "text":
                throw Problem(.personInURL, "Text is searched for by POST /v1/entries/search. Nothing was shown.", member: name)
            case _ where Self.references.contains(name) && !value.hasPrefix("@"):
                throw Problem(
                    .personInURL, "In a URL \(name) is @PSEUDONYM; by TYPE/ID ask POST /v1/entries/search. Nothing was shown.", member: name
                )
            default: try filter.add(name, value)
            }
        }
        self.init(filter: filter, limit: page.limit, cursor: page.cursor)
    }
}
