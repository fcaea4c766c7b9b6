import VestigeInquiry

/// The shapes that requests and answers have, as JSON Schema (2020-12), in the order of the document.
enum Schemas {
    static let all: [(name: String, schema: String)] = [
        ("Problem", problem), ("State", state), ("Entry", entry), ("Actor", actor), ("RecordedLine", recordedLine),
        ("EntrySearch", entrySearch), ("Filters", filters), ("EntryPage", entryPage), ("ProvenEntry", provenEntry),
        ("Reference", reference),
        ("WhoViewed", whoViewed), ("Views", views), ("ViewedBy", viewedBy), ("Reach", reach), ("Resolve", resolve), ("Resolved", resolved),
        ("Export", export), ("Status", status), ("OwnLooks", ownLooks), ("OwnActs", ownActs),
    ]

    private static let time = #"{"type":"string","description":"A date (2026-05-01) or a time (2026-05-01T09:00:00Z), UTC."}"#
    private static let texts = #"{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}"#
    static let limit = "{\"type\":\"integer\",\"enum\":\(EntryPage.sizes),\"default\":\(Limits.pageSizeStandard)}"
    static let cursor = #"{"type":"string","pattern":"^[A-Za-z0-9_-]+$","maxLength":64}"#
    private static let count = #"{"type":"integer","minimum":0}"#
    private static let flag = #"{"type":"boolean"}"#
    private static let text = #"{"type":"string"}"#
    private static let pseudonym = #"{"type":"string","pattern":"^[0-9a-f]{32}$"}"#

    private static func object(_ members: [(String, String)], required: [String] = [], isOpen: Bool = false) -> String {
        let properties = members.map { "\"\($0)\":\($1)" }.joined(separator: ",")
        let names = required.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"type\":\"object\",\"properties\":{\(properties)}"
            + (required.isEmpty ? "" : ",\"required\":[\(names)]") + (isOpen ? "" : ",\"additionalProperties\":false") + "}"
    }

    private static func list(_ schema: String) -> String { "{\"type\":\"array\",\"items\":\(schema)}" }
    private static func oneOf(_ words: [String]) -> String { "{\"enum\":\(words)}" }
    private static func of(_ name: String) -> String { "{\"$ref\":\"#/components/schemas/\(name)\"}" }

    private static let problem = object(
        [
            ("type", #"{"type":"string","format":"uri"}"#), ("title", text), ("status", #"{"type":"integer"}"#), ("detail", text),
            ("member", text), ("purposes", list(object([("code", text), ("title", text)], required: ["code", "title"]))),
        ], required: ["type", "title", "status", "detail"])

    private static let state = object([("status", #"{"enum":["ok","ready"]}"#)], required: ["status"])

    private static let actor = object(
        [
            ("type", #"{"enum":["user","system","api","external","anonymous"]}"#), ("id", text), ("name", text), ("email", text),
            ("ip", text),
            ("user_agent", text), ("role", text), ("session", text),
        ], required: ["type"])

    private static let change = #"{"type":"object","additionalProperties":{"type":"object"}}"#

    private static let entry = object(
        [
            ("id", #"{"type":"string","format":"uuid","description":"A UUIDv7; the same id twice is recorded once."}"#),
            ("occurred_at", #"{"type":"string","format":"date-time"}"#), ("channel", text), ("event", text), ("action", text),
            ("status", #"{"enum":["success","failure","warning","in_progress"]}"#), ("actor", of("Actor")), ("on_behalf_of", of("Actor")),
            ("record", object([("type", text), ("id", text)], required: ["type"])),
            ("subjects", list(object([("type", text), ("id", text), ("changes", change)], required: ["type", "id"]))),
            ("fields", list(text)),
            ("purpose", text), ("case", text), ("justification", text), ("page", text), ("changes", change),
            ("details", #"{"type":"object"}"#),
            ("correlation_id", text), ("recipient", text),
        ], required: ["event", "actor"])

    private static let recordedLine =
        "{\"oneOf\":["
        + object([("id", text), ("seq", count), ("status", #"{"const":"recorded"}"#)], required: ["id", "seq", "status"]) + ","
        + object([("line", count), ("error", text), ("retry", flag)], required: ["line", "error"]) + "]}"

    private static let filters = object(EntryFilter.names.map { ($0, texts) })

    private static let trail = (AskedTrail.name, AskedTrail.schema)

    private static let prunedBefore = (
        "pruned_before",
        #"{"type":"string","description":"Retention took entries from before this time; what of them would stand here is not told."}"#
    )

    private static let query =
        "{\"type\":\"string\",\"maxLength\":\(EntryFilter.queryByteCountMax),\"description\":\"Qualifiers and words: "
        + "event:read,exported from:2026-05-01 'a word'; a value with spaces stands in double quotation marks.\"}"

    private static let entrySearch = object(
        [("filters", of("Filters")), ("query", query), ("facets", flag), ("limit", limit), ("cursor", cursor), trail])

    private static let facet = list(object([("code", text), ("count", count)], required: ["code", "count"]))

    private static let facets = object(
        [("channels", facet), ("events", facet), ("actions", facet), ("complete", flag)],
        required: ["channels", "events", "actions", "complete"])

    private static let openedEntry = object(
        [("seq", count), ("id", text), ("recorded_at", text)], required: ["seq", "id", "recorded_at"], isOpen: true)

    private static let entryPage = object(
        [
            ("total", count), ("total_exact", flag), ("first", count), ("redacted", count), prunedBefore,
            ("entries", list(openedEntry)), ("facets", facets), ("cursor", cursor),
        ], required: ["total", "total_exact", "first", "entries"])

    private static let bytes = #"{"type":["string","null"],"contentEncoding":"base64"}"#

    private static let provenEntry = object(
        [
            ("entry", openedEntry),
            (
                "proof",
                object(
                    [
                        ("seq", count), ("leaf", bytes), ("header", bytes), ("salt_header", bytes), ("payload", bytes),
                        ("salt_payload", bytes),
                        ("proof", text),
                    ], required: ["seq", "leaf", "proof"])
            ),
        ], required: ["entry"])

    private static let reference =
        "{\"oneOf\":[" + object([("type", text), ("id", text)], required: ["type", "id"]) + ","
        + object([("pseudonym", pseudonym)], required: ["pseudonym"]) + "]}"

    private static let whoViewed = object(
        [
            ("record", of("Reference")), ("since", time), ("until", time), ("limit", limit), ("cursor", cursor), ("with_audit", flag),
            trail,
        ],
        required: ["record"])

    private static let views = object(
        [
            ("record", of("Reference")), ("total", count), ("total_exact", flag), ("erased", flag), ("redacted", count), prunedBefore,
            ("views", list(object([("seq", count), ("id", text)], required: ["seq", "id"], isOpen: true))), ("cursor", cursor),
        ], required: ["record", "total", "total_exact", "views"])

    private static let viewedBy = object([("actor", of("Reference")), ("since", time), ("until", time), trail], required: ["actor"])

    private static let touched = object(
        [("shown", count), ("refused", count), ("first", text), ("last", text)], required: ["shown", "refused", "first", "last"],
        isOpen: true)

    private static let reach = object(
        [
            ("actor", of("Reference")), ("total", count), ("erased", flag), prunedBefore, ("people", list(touched)),
            ("records", list(touched)),
        ],
        required: ["actor", "total", "people", "records"])

    private static let resolve = object([("pseudonym", pseudonym)], required: ["pseudonym"])

    private static let resolved = object(
        [("pseudonym", pseudonym), ("known", flag), ("type", text), ("id", text)], required: ["pseudonym", "known"])

    private static let ownLooks = object(
        [
            (
                "looks",
                list(
                    object(
                        [
                            ("day", #"{"type":"string","format":"date"}"#), ("event", text), ("by", text), ("purpose", text),
                            ("recipient", text),
                        ],
                        required: ["day", "event", "by"]))
            ), ("cursor", cursor),
        ], required: ["looks"])

    private static let ownActs = object(
        [
            (
                "acts",
                list(
                    object(
                        [("occurred_at", text), ("action", text), ("status", text), ("purpose", text), ("record", text)],
                        required: ["occurred_at", "action", "status"]))
            ), ("cursor", cursor),
        ], required: ["acts"])

    private static let export = object(
        [
            ("format", oneOf(EntryFormat.ofExports.map(\.rawValue))), ("filters", of("Filters")), ("query", query),
            ("open", list(oneOf(OpenedPart.allCases.map(\.rawValue)))), ("limit", #"{"type":"integer","minimum":1}"#),
            ("enterprise", #"{"type":"integer","minimum":1,"maximum":4294967295}"#), ("manifest", flag), trail,
        ], required: ["format"])

    private static let status = object(
        [
            ("origin", text), ("vkey", text), ("size", count), ("root", text), ("policy", text), ("subjects", count), ("erased", count),
            ("clock_behind_seconds", count),
        ],
        required: ["origin", "vkey", "size", "root"], isOpen: true)
}
