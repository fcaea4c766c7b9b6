import Foundation

/// One request of the ledger test: everything about it follows from its number.
struct LedgerRequest: Sendable {
    enum Kind: CaseIterable, Sendable {
        /// One record; the same after a moment; one that a handler refuses, or stumbles over, after it was looked up; one that is not there.
        case look, slow, refused, broken, missing
        case list
        /// Changes by a store: of one record, of three, one that fails in the repository and one that changes nothing; and one that no
        /// store knows of.
        case update, bulk, failingUpdate, same, touch
        /// Pages out of a store while the body is written.
        case export
        /// A route that is unlogged, with and without a store's look; and no route at all.
        case openLook, open, nowhere
    }

    enum Fate: Sendable {
        case answered
        /// The connection is dropped as soon as the whole request was sent.
        case droppedAtOnce
        /// The connection is dropped once so many bytes of the body were read.
        case droppedAfter(Int)
    }

    static let personCount = 100
    static let staff = 901...920
    static let exportPageCount = 12
    static let exportRowCount = 5
    static let exportRowByteCount = 700

    let number: Int
    let kind: Kind
    let fate: Fate
    let person: Int
    let actor: Int

    init(number: Int) {
        self.number = number
        // SplitMix64: the same plan in every run.
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
        }
        kind = Kind.allCases[next(Kind.allCases.count)]
        person = 1 + next(Self.personCount - 2)
        actor = Self.staff.lowerBound + next(Self.staff.count)
        let fate = next(10)
        switch fate {
        case 0, 1: self.fate = .droppedAtOnce
        case 2, 3, 4,
            5 where kind == .export:
            self.fate = .droppedAfter(next(Self.exportPageCount * Self.exportRowCount * Self.exportRowByteCount))
        default: self.fate = .answered
        }
    }

    /// What it carries into the trail.
    var id: String { "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)" }

    static func number(of id: String) -> Int? { Int(id.suffix(12)) }

    var method: String {
        switch kind {
        case .update, .failingUpdate, .same: "PUT"
        case .bulk: "PATCH"
        case .touch: "POST"
        default: "GET"
        }
    }

    var path: String {
        switch kind {
        case .look, .update: "/people/\(person)"
        case .slow, .refused, .broken: "/people/\(person)/\(kind)"
        case .missing: "/people/\(person + 100_000)"
        case .list: "/people?from=\(person)"
        case .failingUpdate: "/people/\(person)/failing"
        case .same: "/people/\(person)/same"
        case .bulk: "/people?from=\(person)"
        case .touch: "/people/\(person)/touch"
        case .export: "/export"
        case .openLook: "/open/\(person)"
        case .open: "/open"
        case .nowhere: "/nowhere/\(person)"
        }
    }

    /// What the trail should say of it; nil: nothing. An export's pages come on top.
    var expected: (event: String, isSuccess: Bool, people: [Int])? {
        switch kind {
        // What an edit left as it was is handed out all the same.
        case .look, .slow, .openLook, .same: ("read", true, [person])
        case .refused, .broken, .missing: ("read", false, [])
        case .list: ("read", true, Array(person...min(person + 9, Self.personCount)))
        case .update, .touch: ("updated", true, [person])
        case .bulk: ("updated", true, [person, person + 1, person + 2])
        case .failingUpdate: ("updated", false, [])
        case .export: ("exported", true, [])
        case .open, .nowhere: nil
        }
    }
}

/// Sends a ledger's requests over connections that stay open until a request's fate is to lose its own.
struct LedgerClient: Sendable {
    static let connectionCount = 64

    let port: Int
    let requests: [LedgerRequest]

    /// - Returns: what was read of each answer, by the request's number; nothing for those dropped at once.
    func run() async throws -> [Int: RawConnection.Answer] {
        try await withThrowingTaskGroup(of: [Int: RawConnection.Answer].self) { group in
            for worker in 0..<Self.connectionCount {
                group.addTask { try await onThread { try work(worker) } }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    private func work(_ worker: Int) throws -> [Int: RawConnection.Answer] {
        var answers: [Int: RawConnection.Answer] = [:]
        var kept: RawConnection?
        for request in requests where request.number % Self.connectionCount == worker {
            let connection = try kept ?? RawConnection(port: port)
            kept = connection
            try connection.send(
                request.method, request.path,
                headers: ["X-Test-Actor": "\(request.actor)", "X-Purpose": "support", "X-Request-ID": request.id],
                body: request.method == "GET" ? "" : "number=\(request.number)")
            switch request.fate {
            case .answered: answers[request.number] = try connection.readAnswer()
            case .droppedAtOnce: kept = nil
            case .droppedAfter(let count):
                answers[request.number] = try connection.readAnswer(upTo: count)
                kept = nil
            }
            if kept == nil { connection.drop() }
        }
        return answers
    }
}
