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
                need: .right(.query), asksPurpose: true,
                parameters: Self.filters + [Self.facets, AskedTrail.parameter] + PageParameters.described,
                answers: [Self.page],
                problems: [.unknownFilter, .unknownCode, .badCursor, .personInURL], run: list),
            Route(
                method: .post, path: "/v1/entries/search", id: "searchEntries",
                summary: "The same, asked in the body: also by TYPE/ID, by text, and by all of it in one text box.", need: .right(.query),
                asksPurpose: true,
                body: Route.Body(types: ["application/json"], schema: "EntrySearch"), answers: [Self.page],
                problems: [.unknownFilter, .unknownCode, .badQuery, .badCursor, .actorsHidden], run: search),
            Route(
                method: .get, path: "/v1/entries/{seq}", id: "entry",
                summary: "One entry; for those who may verify with the proof that it stands in the trail.", need: .right(.query),
                asksPurpose: true,
                parameters: [
                    Route.Parameter(
                        name: "seq", place: "path", description: "The entry's place, from 0.",
                        schema: #"{"type":"integer","format":"int64","minimum":0}"#, isRequired: true), AskedTrail.parameter,
                ],
                answers: [
                    Route.Answer(
                        description: "The entry as far as the role may see it.", types: ["application/json"], schema: "ProvenEntry")
                ],
                problems: [.notFound], run: one),
        ]
    }

    private static let filters: [Route.Parameter] =
        EntryFilter.names.filter { $0 != "text" }.map {
            let isReference = EntryParameters.references.contains($0)
            return Route.Parameter(
                name: $0, place: "query",
                description: isReference
                    ? "@PSEUDONYM." : ["from", "to"].contains($0) ? "A date or a time, UTC." : "Codes; several with commas.",
                schema: isReference ? ##"{"type":"string","pattern":"^@[0-9a-f]{32}$"}"## : #"{"type":"string"}"#)
        }

    private static let facets = Route.Parameter(
        name: "facets", place: "query", description: "Also count the channels, events and actions of all that match.",
        schema: #"{"type":"boolean","default":false}"#)

    private func list(_ call: Call) async throws -> Response {
        try await answer(try EntryParameters(query: call.query()), call)
    }

    private func search(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["filters", "query", "facets", "limit", "cursor", AskedTrail.name])
        let asked = EntryParameters(
            filter: try members.entryFilter(by: try call.requireAccess().tenant.policy), page: try PageParameters(members),
            withFacets: try members.boolean("facets") ?? false, trail: try members.askedTrail())
        return try await answer(asked, call)
    }

    private func answer(_ asked: EntryParameters, _ call: Call) async throws -> Response {
        let inquiry = try call.requireAccess().tenant.inquiry(asked.trail)
        let page = try await inquiry.entries(
            asked.filter, limit: asked.page.limit, cursor: asked.page.cursor, withFacets: asked.withFacets,
            textPlaceCountMax: Limits.textPlaceCountMax, asker: try call.asker())
        return .json(EntryPageJSON.document(page))
    }

    private func one(_ call: Call) async throws -> Response {
        let access = try call.requireAccess()
        guard let seq = call.context.parameters.get("seq").flatMap({ UInt64($0) }) else {
            throw Problem(.invalidValue, "seq is the entry's place, a whole number from 0", member: "seq")
        }
        let number = try call.askedTrail()
        let inquiry = try access.tenant.inquiry(number)
        guard let entry = try await inquiry.entry(seq, asker: try call.asker()) else { throw Problem.noSuchEntry }
        let proven = access.rights.contains(.verify) ? try await access.tenant.trail(number).proof(of: seq) : nil
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

    /// Only in a body.
    static let words = ["text", "query"]

    let filter: EntryFilter
    let page: PageParameters
    let withFacets: Bool
    /// The number of an older trail; `nil` for the present one.
    let trail: Int?

    init(filter: EntryFilter, page: PageParameters, withFacets: Bool, trail: Int?) {
        self.filter = filter
        self.page = page
        self.withFacets = withFacets
        self.trail = trail
    }

    init(query: [(name: String, value: String)]) throws {
        var filter = EntryFilter()
        var page = PageParameters()
        var withFacets = false
        var trail: Int?
        for (name, value) in query {
            switch name {
            case _ where try page.take(name, value): break
            case "facets":
                guard let flag = Bool(value) else { throw Problem(.invalidValue, "facets is true or false", member: name) }
                withFacets = flag
            case AskedTrail.name: trail = try Call.trailNumber(value)
            case _ where Self.words.contains(name):
                throw Problem(.personInURL, "Text is searched for by POST /v1/entries/search. Nothing was shown.", member: name)
            case _ where Self.references.contains(name) && !value.hasPrefix("@"):
                throw Problem(
                    .personInURL, "In a URL \(name) is @PSEUDONYM; by TYPE/ID ask POST /v1/entries/search. Nothing was shown.", member: name
                )
            default: try filter.add(name, value)
            }
        }
        self.init(filter: filter, page: page, withFacets: withFacets, trail: trail)
    }
}
