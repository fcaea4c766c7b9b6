import Testing
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail

@Suite("What did they look at?")
struct ViewedByTests {
    @Test("People and records, how often, from when to when")
    func reach() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.viewedBy(.record(type: "user", id: "7"), asker: asker())
        #expect(answer.total == 21)
        #expect(answer.people.map(\.name) == ["user/42", "user/43"])
        #expect(answer.people.map(\.shown) == [11, 10])
        #expect(answer.records.count == 3)
        #expect(answer.people.last?.first == start.adding(microseconds: 20 * 60_000_000))
        #expect(answer.people.last?.last == start.adding(microseconds: 29 * 60_000_000))
    }

    @Test("Refused looks are counted apart, and looks at oneself belong to it")
    func refusedAndOwn() async throws {
        let vestige = try await history()
        _ = try await vestige.recorder.record(look(at: "9", by: "9"))
        let answer = try await vestige.inquiry.viewedBy(.record(type: "user", id: "9"), asker: asker())
        #expect(answer.people.map(\.refused).reduce(0, +) == 1)
        #expect(Set(answer.people.map(\.name)) == ["user/42", "user/9"])
    }

    @Test("Times bound it")
    func times() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.viewedBy(
            .record(type: "user", id: "7"), since: start.adding(microseconds: 25 * 60_000_000),
            until: start.adding(microseconds: 27 * 60_000_000),
            asker: asker())
        #expect(answer.total == 2)
    }

    @Test("Without the right to resolve, people stay pseudonyms")
    func pseudonyms() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.viewedBy(.record(type: "user", id: "7"), asker: asker([.query]))
        #expect(answer.people.allSatisfy { $0.name == nil })
    }
}
