/// What a store can look for without opening anything. An empty list asks for nothing.
public struct IndexQuery: Sendable, Equatable {
    /// Entries must match one term of each group.
    public var terms: [[Term]] = []
    public var channels: [String] = []
    public var events: [String] = []
    public var actions: [String] = []
    public var statuses: [String] = []
    public var actorTypes: [String] = []
    public var purposes: [String] = []
    /// Leaves out questions to the trail itself (actions `audit.*`).
    public var withoutQuestions = false
    /// `occurred_at` from here on.
    public var from: Timestamp?
    /// `occurred_at` before this.
    public var to: Timestamp?
    /// Places at or above this one.
    public var since: UInt64?
    /// Places below this one: the cursor of the next page.
    public var before: UInt64?
    /// Places below this one, in pages and in counts: how large the trail was when a list was begun.
    public var below: UInt64?
    public var limit: Int

    public static let limitMax = 10_000

    /// Whether it asks for every entry, but for places and limit.
    public var asksForAll: Bool {
        let lists = [channels, events, actions, statuses, actorTypes, purposes]
        return terms.isEmpty && lists.allSatisfy(\.isEmpty) && !withoutQuestions && from == nil && to == nil
    }

    public init(limit: Int) {
        self.limit = min(max(0, limit), IndexQuery.limitMax)
    }
}
