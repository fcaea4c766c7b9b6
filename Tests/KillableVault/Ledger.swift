import Foundation
import Glibc
import VestigeCrypto
import VestigeVault

/// What a data directory must hold, whoever was killed: a line before each act that has one, and a line after it. Written with one
/// `write` each, which a SIGKILL does not take back; all processes share the file.
struct Ledger: Sendable {
    private let descriptor: Int32
    private let path: String

    init(in home: String) throws {
        path = home + "/ledger"
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Broken("the ledger cannot be opened") }
    }

    func note(_ words: String...) {
        let line = Array((words.joined(separator: " ") + "\n").utf8)
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Everybody of whom the ledger knows, in the order in which they came.
    func people() throws -> [Person] {
        guard let text = FileManager.default.contents(atPath: path) else { return [] }
        var people: [Person] = []
        var places: [String: Int] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let name = words[1]
            if places[name] == nil {
                places[name] = people.count
                people.append(try Person(name))
            }
            if let place = places[name] { try people[place].read(words) }
        }
        return people
    }
}

/// One person, as the ledger has them.
struct Person: Sendable {
    enum State: Sendable { case living, erased, inDoubt }

    struct Known: Sendable {
        let pseudonym: Pseudonym
        /// Sealed for them: ``Person/secret``.
        let slot: [UInt8]
        var state = State.living
    }

    static let secret: [UInt8] = Array("what only they may keep".utf8)

    let name: String
    let subject: SubjectID
    var known: [KeyRole: Known] = [:]
    /// Erasures that nobody saw the end of: their roles, and whether the acting key was to wait.
    var doubts: [(roles: [KeyRole], defers: Bool)] = []
    /// Roles of erasures that came to their end.
    var erased: Set<KeyRole> = []
    /// The acting key goes on this day.
    var due: Int?
    var link: SubjectID?
    var hasEmail = false
    var notes: [String] = []

    /// Of staff, whose acting key waits (see ``killPolicy``).
    var isStaff: Bool { subject.type == "external" }
    var email: String { subject.id + "@example.org" }

    init(_ name: String) throws {
        self.name = name
        subject = try Self.subject(name)
    }

    static func subject(_ name: String) throws -> SubjectID {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { throw Broken("\(name) is no type and id") }
        return try SubjectID(type: String(parts[0]), id: String(parts[1]))
    }

    fileprivate mutating func read(_ words: [String]) throws {
        func roles() -> [KeyRole] { words[2].split(separator: ",").compactMap { $0 == "acting" ? .acting : .subject } }
        switch words[0] {
        case "minted":
            guard let pseudonym = Bytes16(hex: words[3]), let slot = [UInt8](hexadecimal: words[4]) else {
                throw Broken("\(words) is torn")
            }
            known[words[2] == "acting" ? .acting : .subject] = Known(pseudonym: pseudonym, slot: slot)
        case "erase":
            doubts.append((roles(), words.last == "defer"))
            set(.inDoubt, roles())
        case "erased":
            set(.erased, roles())
            erased.formUnion(roles())
            forgetSettledDoubts()
        case "alive":
            set(.living, roles())
            forgetSettledDoubts()
        case "due": due = Int(words[2])
        case "linked": link = try Self.subject(words[2])
        case "email": hasEmail = true
        case "note": notes.append(words[2])
        default: throw Broken("the ledger says \(words[0])")
        }
    }

    private mutating func forgetSettledDoubts() {
        let known = known
        doubts.removeAll { doubt in doubt.roles.allSatisfy { known[$0]?.state != .inDoubt } }
    }

    private mutating func set(_ state: State, _ roles: [KeyRole]) {
        for role in roles where known[role].map({ $0.state != .erased }) ?? false { known[role]?.state = state }
    }
}

/// Something is not as it must be.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension KeyRole {
    var word: String { self == .acting ? "acting" : "subject" }
}

extension [UInt8] {
    init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        self = bytes
    }

    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
