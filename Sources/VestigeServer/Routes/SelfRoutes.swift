import Hummingbird
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeVault

/// What a person sees of themselves, with a credential of their own: nobody stands in the request, since the credential says who it is.
struct SelfRoutes: Sendable {
    var routes: [Route] {
        [
            Route(
                method: .get, path: "/v1/self/looks", id: "ownLooks",
                summary: "Who looked at the holder of the credential: day, purpose, recipient (GDPR Art. 15; CJEU C-579/21, C-154/21).",
                need: .oneself, parameters: PageParameters.described + [AskedTrail.parameter],
                answers: [Route.Answer(description: "Looks, newest first.", types: ["application/json"], schema: "OwnLooks")],
                problems: [.unknownMember, .badCursor],
                run: { call in
                    let (inquiry, actor, person, page) = try Self.asked(call)
                    return .json(
                        OwnJSON.document(
                            try await inquiry.ownLooks(of: person, as: actor, limit: page.limit, cursor: page.cursor)))
                }),
            Route(
                method: .get, path: "/v1/self/acts", id: "ownActs", summary: "What the holder of the credential did.", need: .oneself,
                parameters: PageParameters.described + [AskedTrail.parameter],
                answers: [Route.Answer(description: "Acts, newest first.", types: ["application/json"], schema: "OwnActs")],
                problems: [.unknownMember, .badCursor],
                run: { call in
                    let (inquiry, actor, person, page) = try Self.asked(call)
                    return .json(
                        OwnJSON.document(
                            try await inquiry.ownActs(of: person, as: actor, limit: page.limit, cursor: page.cursor)))
                }),
        ]
    }

    private static func asked(_ call: Call) throws -> (Inquiry, AuditActor, SubjectID, PageParameters) {
        let access = try call.requireAccess()
        guard let person = access.subject else { throw Problem.missing(right: "self") }
        var page = PageParameters()
        var trail: Int?
        for (name, value) in call.query() {
            if name == AskedTrail.name {
                trail = try Call.trailNumber(value)
            } else if !(try page.take(name, value)) {
                throw RequestMembers.unknown(name, at: "", known: PageParameters.names + [AskedTrail.name])
            }
        }
        return (try access.tenant.inquiry(trail), access.actor, person, page)
    }
}
