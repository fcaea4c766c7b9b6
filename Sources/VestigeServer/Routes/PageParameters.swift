import VestigeInquiry
import VestigePolicy

/// Which page of a list.
struct PageParameters {
    static let names = ["limit", "cursor"]

    static let described = [
        Route.Parameter(name: "limit", place: "query", description: "Lines on the page.", schema: Schemas.limit),
        Route.Parameter(name: "cursor", place: "query", description: "As the page before gave it.", schema: Schemas.cursor),
    ]

    var limit = Limits.pageSizeStandard
    var cursor: EntryCursor?

    init() {}

    /// Of a question's body.
    init(_ members: RequestMembers) throws {
        if let limit = try members.integer("limit", in: Int.min...Int.max) { self.limit = try Self.size(limit) }
        if let cursor = try members.string("cursor") { self.cursor = try EntryCursor(cursor) }
    }

    /// - Returns: whether the parameter is one of these.
    mutating func take(_ name: String, _ value: String) throws -> Bool {
        switch name {
        case "limit": limit = try Self.size(Int(value))
        case "cursor": cursor = try EntryCursor(value)
        default: return false
        }
        return true
    }

    private static func size(_ number: Int?) throws(Problem) -> Int {
        guard let number, EntryPage.sizes.contains(number) else {
            let sizes = EntryPage.sizes.map(String.init).joined(separator: ", ")
            throw Problem(.invalidValue, "limit is one of: \(sizes)", member: "limit")
        }
        return number
    }
}

extension RequestMembers {
    /// What a list or an export is to hold: by names and values, by the one text box, or by both.
    func entryFilter(by policy: Policy) throws -> EntryFilter {
        var filter = try EntryFilter(try filters("filters"))
        if let text = try string("query") { try filter.add(query: text, by: policy) }
        return filter
    }
}
