import CFaultyVFS
import Foundation

/// A directory whose disk can lose its power and can fail, as SQLite sees it.
final class FaultyDisk: Sendable {
    struct Unusable: Error {
        let what: String
    }

    let directory: String
    // A pointer is not sendable; the account behind it has a lock of its own.
    private let address: Int

    private init(_ account: OpaquePointer?, _ directory: String) throws {
        guard let account else { throw Unusable(what: "the directory cannot be attached") }
        self.directory = directory
        address = Int(bitPattern: account)
    }

    /// What `directory` holds now is certain.
    convenience init(_ directory: String) throws {
        guard faulty_vfs_register() == 0 else { throw Unusable(what: "the VFS cannot be registered") }
        try self.init(faulty_disk_attach(directory), directory)
    }

    deinit { faulty_disk_detach(account) }

    private var account: OpaquePointer? { OpaquePointer(bitPattern: address) }

    /// How many things have happened so far.
    var moment: Int { faulty_disk_moment(account) }

    /// The moments right before and right after each sync.
    var aroundSyncs: [Int] {
        (0..<moment).filter { faulty_disk_is_sync(account, $0) != 0 }.flatMap { [$0, $0 + 1] }
    }

    /// What is on the disk if power goes at `moment`.
    func losePower(at moment: Int, _ loss: faulty_loss, seed: UInt64, into directory: String) throws {
        guard faulty_disk_lose_power(account, moment, loss, seed, directory) == 0 else {
            throw Unusable(what: "the remains cannot be written")
        }
    }

    /// The machine goes on, the process died at `moment`: its files elsewhere, as the system had them, on the same account.
    ///
    /// - Parameter files: others that come along as they are now.
    func survivor(of moment: Int, with files: [String] = [], in directory: String) throws -> FaultyDisk {
        let survivor = try FaultyDisk(faulty_disk_continue(account, moment, directory), directory)
        for name in files { try FileManager.default.copyItem(atPath: self.directory + "/" + name, toPath: directory + "/" + name) }
        return survivor
    }

    // MARK: Failures

    struct Failure: Sendable, CustomStringConvertible {
        let operation: faulty_operation
        let reason: faulty_reason
        let nth: Int
        /// All that follow fail as well, until the disk is mended.
        let lasting: Bool

        var description: String { "\(Failures.name(operation)) \(nth)\(lasting ? " and later" : ""), reason \(reason.rawValue)" }
    }

    func fail(_ failure: Failure) {
        faulty_disk_fail(account, failure.operation, failure.reason, failure.nth, failure.lasting ? 1 : 0)
    }

    func mend() { faulty_disk_fail(account, FAULTY_NOTHING, FAULTY_EIO, 0, 0) }

    /// Since it was last told to fail.
    var failures: Int { faulty_disk_failures(account) }

    /// For what syncs the directory without SQLite.
    func syncDirectory() throws {
        guard faulty_disk_sync_directory(account) == 0 else { throw Unusable(what: "the directory was not synced") }
    }
}

/// How much is tried: `VESTIGE_FAULTS=N` loses power N times in each campaign and lets every single operation fail.
enum Campaign {
    static let asked = ProcessInfo.processInfo.environment["VESTIGE_FAULTS"].flatMap { Int($0) }
    static let lossCount = asked ?? 100
    static let isFull = asked != nil

    /// Styles of loss, those that destroy most more often.
    static let losses = [FAULTY_LOSS_ALL, FAULTY_LOSS_NONE, FAULTY_LOSS_TAIL, FAULTY_LOSS_SOME, FAULTY_LOSS_SECTORS, FAULTY_LOSS_SECTORS]
}

/// Numbers that come again with the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// What a check found wrong, collected: an expectation for each of some ten thousand facts would take longer than the facts.
struct Problems: Sendable {
    private(set) var found: [String] = []

    mutating func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { found.append(what()) }
    }

    mutating func add(_ what: String) { found.append(what) }
}
