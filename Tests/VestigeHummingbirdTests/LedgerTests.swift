import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

/// What the clients sent against what stands in the trail.
@Suite("The ledger")
struct LedgerTests {
    private static let requestCount = 10_000

    @Test("has every act that clients sent once, and nothing else, whatever became of their connections", .timeLimit(.minutes(60)))
    func everyActOnce() async throws {
        let plan = (0..<Self.requestCount).map(LedgerRequest.init)
        let host = LedgerHost(stores: try await StoreHost(routes: LedgerHost.routes, personCount: LedgerRequest.personCount))
        let answers = try await serve(host.router()) { port in
            let answers = try await LedgerClient(port: port, requests: plan).run()
            // Whoever hung up is still being served.
            let allDone = try await eventually { host.finished.count == plan.count }
            #expect(allDone, "\(plan.count - host.finished.count) requests never came to their end")
            return answers
        }
        let trail = try await LedgerTrail(of: host.stores.vestige)
        var problems = trail.strangers(to: plan)
        for request in plan { problems += trail.problems(of: request, answered: answers[request.number]) }
        problems += updates(host, trail, plan)
        #expect(problems.isEmpty, "\(problems.count): \(problems.prefix(10).joined(separator: "\n"))")
        #expect(host.stores.vestige.spool.waiting == SpoolWaiting())
        #expect(try await host.stores.vestige.trail.verify().verdict == .intact)
        // Connections were cut in the middle indeed, or the run says little.
        let cut = plan.count { $0.kind == .export && trail.pages(of: $0) < LedgerRequest.exportPageCount }
        #expect(cut > 0)
    }

    /// Every record that an update left stands in the trail by its request's number, and the other way round.
    private func updates(_ host: LedgerHost, _ trail: LedgerTrail, _ plan: [LedgerRequest]) -> [String] {
        let made = host.stores.rows.updates.map { "\($0.email) \($0.id)" }
        let told = plan.filter { $0.kind == .update || $0.kind == .bulk }.flatMap { request in
            trail.people(of: request).map { "number=\(request.number) \($0)" }
        }
        if made.sorted() == told.sorted() { return [] }
        return ["the repository made \(made.count) changes, the trail tells of \(told.count)"]
    }
}

/// The trail, read once and put in order by the requests that left it.
private struct LedgerTrail {
    private struct Act {
        let event: String
        let isSuccess: Bool
        let people: [Int]
        let actor: Int?
    }

    private var acts: [Int: [Act]] = [:]
    private var unknown = 0

    init(of vestige: InMemoryVestige) async throws {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        var stored: [StoredEntry] = []
        while true {
            let page = try await vestige.trail.page(query)
            stored += page
            guard let last = page.last else { break }
            query.before = last.seq
        }
        var names: [Pseudonym: Int] = [:]
        for entry in stored.reversed() {
            let header = try Header(decoding: try #require(entry.body).header)
            for pseudonym in header.subjects + [header.actor.pseudonym].compactMap({ $0 }) where names[pseudonym] == nil {
                names[pseudonym] = try await vestige.vault.resolve(pseudonym).flatMap { Int($0.id) }
            }
            guard let number = header.correlationID.flatMap(LedgerRequest.number) else {
                unknown += 1
                continue
            }
            acts[number, default: []].append(
                Act(
                    event: header.event, isSuccess: header.status == .success, people: header.subjects.compactMap { names[$0] },
                    actor: header.actor.pseudonym.flatMap { names[$0] }))
        }
    }

    func people(of request: LedgerRequest) -> [Int] { acts[request.number, default: []].flatMap(\.people) }

    /// Pages of an export that the trail knows.
    func pages(of request: LedgerRequest) -> Int { acts[request.number, default: []].count { !$0.people.isEmpty } }

    func strangers(to plan: [LedgerRequest]) -> [String] {
        let others = Set(acts.keys).subtracting(plan.map(\.number)).count + unknown
        return others == 0 ? [] : ["\(others) acts are nobody's"]
    }

    func problems(of request: LedgerRequest, answered answer: RawConnection.Answer?) -> [String] {
        var own = acts[request.number] ?? []
        var problems: [String] = []
        func note(_ what: String) { problems.append("\(request.number) \(request.kind) \(request.fate): \(what)") }
        if own.contains(where: { $0.actor != request.actor }) { note("another actor is named") }
        if request.kind == .export {
            let pages = own.filter { !$0.people.isEmpty }
            own.removeAll { !$0.people.isEmpty }
            let rows = LedgerRequest.exportRowCount
            let seen = answer?.text.count { $0 == "<" } ?? 0
            if pages.map(\.people) != pages.indices.map({ page in Array(page * rows + 1...(page + 1) * rows) }) {
                note("its pages are not a run from the first: \(pages.map { $0.people.first ?? 0 })")
            }
            if pages.contains(where: { !$0.isSuccess || $0.event != "exported" }) { note("a page is told as something else") }
            if pages.count < seen { note("the client saw \(seen) pages, the trail knows \(pages.count)") }
            if answer?.isWhole == true, pages.count != LedgerRequest.exportPageCount { note("it came whole with \(pages.count) pages") }
        }
        if let answer, let isSuccess = own.first?.isSuccess, isSuccess != (200..<400).contains(answer.status) {
            note("answered \(answer.status), told as \(isSuccess ? "success" : "failure")")
        }
        guard let expected = request.expected else {
            if !own.isEmpty { note("\(own.count) entries for nothing") }
            return problems
        }
        guard own.count == 1, let act = own.first else {
            note("\(own.count) entries")
            return problems
        }
        if act.event != expected.event || act.isSuccess != expected.isSuccess { note("\(act.event), success: \(act.isSuccess)") }
        // Whom a failure concerns it names only if they were known before.
        if expected.isSuccess ? act.people != expected.people : !Set(act.people).isSubset(of: [request.person]) {
            note("it names \(act.people.count) people, and not those")
        }
        return problems
    }
}
