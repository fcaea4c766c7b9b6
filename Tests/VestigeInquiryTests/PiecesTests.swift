import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("A search in pieces")
struct PiecesTests {
    private static func queries(_ actor: Bytes16) -> [IndexQuery] {
        var byPurpose = IndexQuery(limit: 1000)
        byPurpose.purposes = ["payroll"]
        var narrow = byPurpose
        (narrow.since, narrow.below) = (3, 25)
        var byActor = IndexQuery(limit: 1000)
        byActor.terms = [[Term(.actor, actor)]]
        byActor.statuses = ["success"]
        var few = byPurpose
        few.limit = 4
        var next = few
        next.before = 24
        var none = byPurpose
        none.purposes = ["nosuch"]
        return [IndexQuery(limit: 1000), byPurpose, narrow, byActor, few, next, none]
    }

    @Test("finds, counts and tallies what one read of the whole would", arguments: [1, 2, 7, 31, 32, 33, 1000] as [UInt64])
    func same(_ size: UInt64) async throws {
        let vestige = try await history()
        guard case .active(let actor) = try await vestige.vault.standing(of: try person("7"), as: .acting) else {
            Issue.record("nobody acts as 7")
            return
        }
        for query in Self.queries(actor) {
            let store = vestige.trailStore
            #expect(try await vestige.trail.search(query, placesPerRead: size) == (try store.search(query)))
            for ceiling in [0, 3, 1000] {
                let counted = try await vestige.trail.count(query, ceiling: ceiling, placesPerRead: size)
                #expect(counted == (try store.count(query, ceiling: ceiling)))
            }
            let facets = try await vestige.trail.facets(query, placeCountMax: 1000, placesPerRead: size)
            #expect(facets.counts == (try store.facets(query)) && facets.isComplete)
        }
    }

    @Test("Facets look at no more places than they may, and say so")
    func bounded() async throws {
        let vestige = try await history()
        let some = try await vestige.trail.facets(IndexQuery(limit: 0), placeCountMax: 10, placesPerRead: 4)
        #expect(!some.isComplete && some.counts.map(\.count).reduce(0, +) == 12)
        let all = try await vestige.trail.facets(IndexQuery(limit: 0), placeCountMax: 32, placesPerRead: 4)
        #expect(all.isComplete && all.counts.map(\.count).reduce(0, +) == 32)
    }
}
