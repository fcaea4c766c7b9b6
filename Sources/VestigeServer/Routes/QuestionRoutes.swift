import Hummingbird
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Who viewed this, what did they view, who is this: each asked in a body, since each is about somebody.
struct QuestionRoutes: Sendable {
    var routes: [Route] {
        [
            Route(
                method: .post, path: "/v1/who-viewed", id: "whoViewed", summary: "Who viewed this person or record, newest first.",
                need: .right(.query), asksPurpose: true, body: Route.Body(types: ["application/json"], schema: "WhoViewed"),
                answers: [Route.Answer(description: "The looks.", types: ["application/json"], schema: "Views")],
                problems: [.unknownCode, .badCursor], run: whoViewed),
            Route(
                method: .post, path: "/v1/viewed-by", id: "viewedBy",
                summary: "What somebody looked at, and how often: the radius of a breach.", need: .right(.query), asksPurpose: true,
                body: Route.Body(types: ["application/json"], schema: "ViewedBy"),
                answers: [Route.Answer(description: "People and records.", types: ["application/json"], schema: "Reach")],
                problems: [.unknownCode, .actorsHidden], run: viewedBy),
            Route(
                method: .post, path: "/v1/resolve", id: "resolve", summary: "Who a pseudonym is.", need: .right(.resolve),
                asksPurpose: true,
                body: Route.Body(types: ["application/json"], schema: "Resolve"),
                answers: [
                    Route.Answer(
                        description: "Type and id; known is false for somebody erased or unknown.", types: ["application/json"],
                        schema: "Resolved")
                ], problems: [.actorsHidden], run: resolve),
        ]
    }

    private func whoViewed(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["record", "since", "until", "limit", "cursor", "with_audit", AskedTrail.name])
        guard let reference = try members.reference("record") else { throw Problem(.invalidValue, "record is missing", member: "record") }
        var question = ViewsQuestion(reference, withAudit: try members.boolean("with_audit") ?? false)
        question.since = try members.time("since", isEnd: false)
        question.until = try members.time("until", isEnd: true)
        let page = try PageParameters(members)
        (question.limit, question.cursor) = (page.limit, page.cursor)
        let inquiry = try call.requireAccess().tenant.inquiry(try members.askedTrail())
        let answer = try await inquiry.whoViewed(question, asker: try call.asker())
        return .json(ViewsJSON.document(answer))
    }

    private func viewedBy(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["actor", "since", "until", AskedTrail.name])
        guard let actor = try members.reference("actor") else { throw Problem(.invalidValue, "actor is missing", member: "actor") }
        let inquiry = try call.requireAccess().tenant.inquiry(try members.askedTrail())
        let answer = try await inquiry.viewedBy(
            actor, since: try members.time("since", isEnd: false), until: try members.time("until", isEnd: true), asker: try call.asker())
        return .json(ReachJSON.document(answer))
    }

    private func resolve(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["pseudonym"])
        guard let pseudonym = try members.string("pseudonym").flatMap({ Bytes16(hex: $0) }) else {
            throw Problem(.invalidValue, "pseudonym is 32 lower-case hexadecimal digits", member: "pseudonym")
        }
        let person = try await call.requireAccess().tenant.inquiry.resolve(pseudonym, asker: try call.asker())
        var writer = JSONWriter()
        writer.object { json in
            json.member("pseudonym", pseudonym.hex)
            json.flag("known", person != nil)
            json.member("type", person?.type)
            json.member("id", person?.id)
        }
        return .json(writer.bytes)
    }
}

extension RequestMembers {
    /// A date or a time; the end of a period ends with its day.
    func time(_ name: String, isEnd: Bool) throws -> Timestamp? {
        guard let text = try string(name) else { return nil }
        return try EntryFilter.time(text, filter: name, isEnd: isEnd)
    }
}
