import Foundation
import Synchronization
import Testing
import VestigeLocal
import VestigeTesting
import VestigeVault

/// Several real processes on one data directory, nobody killed.
@Suite("Processes that work on one vault at once", .serialized)
struct ProcessesAtOnceTests {
    /// The calls of one process that change a rotation's state, in their order.
    private final class Log: CallPost {
        private let calls = Mutex<[String]>([])

        func take() -> [String] {
            calls.withLock { calls in
                defer { calls = [] }
                return calls
            }
        }

        private func note(_ call: String) {
            let name = String(call.prefix { $0 != "(" })
            if ["rewrap", "raiseCurrentKEK", "raiseLeastKEK", "newKEK", "destroyKEK"].contains(name) { calls.withLock { $0.append(name) } }
        }

        func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result {
            note(call)
            return try await body()
        }

        func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
            note(call)
            return try body()
        }
    }

    private final class Left: Sendable {
        let count = Mutex(2)
    }

    private func ended(_ running: Running) async throws -> Killable.Ending {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try running.end() }) }
        }
    }

    private func check(_ killable: Killable) throws {
        let checked = try killable.start("check", ["day": "0"]).end()
        #expect(checked.exit == 0 && checked.broken.isEmpty, "\(checked.lines)")
    }

    @Test("Rotating beside two processes that mint 1,000 people: all of them open, each with one key, and the old KEK goes last")
    func minting() async throws {
        let killable = try Killable()
        let place = Place(data: killable.home + "/data")
        let log = Log()
        var posts = StorePosts(patience: Folder.patience)
        posts.vault = { InterruptedVaultStore($0, past: log) }
        let vestige = try await Vestige.open(
            place, keyring: InterruptedKeyring(try FileKeyring(directory: place.keyring), past: log), past: posts)
        let left = Left()
        let minting = try ["a", "b"].map { try killable.start("mint", ["tag": $0, "count": "500"]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in minting {
                group.addTask {
                    let ending = try await ended(process)
                    left.count.withLock { $0 -= 1 }
                    #expect(ending.exit == 0 && !ending.wasKilled, "\(ending.lines)")
                }
            }
            var rotations = 0
            repeat {
                let rotation = try await vestige.rotateKeys(by: .system("test")).rotation
                rotations += 1
                let calls = log.take()
                #expect(calls.first == "newKEK" && calls.last == "destroyKEK" && calls.dropLast().last == "raiseLeastKEK", "\(calls)")
                #expect(rotation.destroyed == [rotation.kek - 1])
                try await Task.sleep(for: .milliseconds(20))
            } while left.count.withLock({ $0 }) > 0
            print("\(rotations) rotations beside the minting")
            try await group.waitForAll()
        }
        let minted = try String(contentsOfFile: killable.home + "/ledger", encoding: .utf8).split(separator: "\n")
        #expect(minted.count { $0.hasPrefix("minted ") && $0.contains(" subject ") } == 1_000)
        let current = try await vestige.keyStatus().current
        #expect(try FileKeyring(directory: place.keyring).kekIDs() == [current])
        try await vestige.close()
        try check(killable)
    }

    @Test("Three that erase the same people, rotate, link, index and record at once leave each erasure once, and nobody half erased")
    func together() async throws {
        let killable = try Killable()
        #expect(try killable.start("mint", ["tag": "first", "count": "30"]).end().exit == 0)
        let processes = try (0..<3).map { try killable.start("run", ["tag": "t\($0)", "rounds": "20"]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in processes {
                group.addTask {
                    let ending = try await ended(process)
                    #expect(ending.exit == 0 && ending.lines.contains("alive"), "\(ending.lines)")
                }
            }
            try await group.waitForAll()
        }
        try check(killable)
    }
}
