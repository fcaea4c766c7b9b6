import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeVault

@testable import VestigeLocal

/// A vault's part: counts how often it was told to forget.
private final class Forgetter: Sendable {
    let count = Atomic(0)
    let isBusy = Atomic(false)

    func join(_ board: SharedEpochBoard) {
        board.register { [self] in
            count.wrappingAdd(1, ordering: .sequentiallyConsistent)
            return isBusy.load(ordering: .sequentiallyConsistent) ? .busy : .wiped
        }
    }

    var times: Int { count.load(ordering: .sequentiallyConsistent) }
}

@Suite("The page that processes share")
struct SharedEpochBoardTests {
    private let vault = Bytes16.random()

    private func directory() throws -> Folder {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.place.data, withIntermediateDirectories: true)
        return folder
    }

    private func join(_ folder: Folder, patience: Duration = .seconds(120)) throws -> SharedEpochBoard {
        try SharedEpochBoard.open(in: folder.place.data, vault: vault, patience: patience)
    }

    @Test("Publishing returns once the others have forgotten, without anybody using them")
    func acknowledged() async throws {
        let folder = try directory()
        let boards = [try join(folder), try join(folder), try join(folder)]
        let forgetters = boards.map { board in
            let forgetter = Forgetter()
            forgetter.join(board)
            return forgetter
        }
        let before = boards[0].current()
        try await boards[0].publish(0)
        #expect(boards.map { $0.current() } == [before + 1, before + 1, before + 1])
        #expect(forgetters.allSatisfy { $0.times >= 1 })
        try await boards[2].publish(900)
        #expect(boards.map { $0.current() } == [900, 900, 900])
    }

    @Test("Somebody who is still reading is waited for, and named when it takes too long")
    func busy() async throws {
        let folder = try directory()
        let (asking, answering) = (try join(folder, patience: .milliseconds(150)), try join(folder))
        let forgetter = Forgetter()
        forgetter.join(answering)
        forgetter.isBusy.store(true, ordering: .sequentiallyConsistent)
        await #expect(throws: EpochError.unanswered(pids: [getpid()])) { try await asking.publish(1) }
        forgetter.isBusy.store(false, ordering: .sequentiallyConsistent)
        try await join(folder).publish(1)
        #expect(forgetter.times > 1)
    }

    @Test("The one who publishes is waited for as well")
    func ownVault() async throws {
        let folder = try directory()
        let board = try join(folder, patience: .milliseconds(100))
        let forgetter = Forgetter()
        forgetter.join(board)
        forgetter.isBusy.store(true, ordering: .sequentiallyConsistent)
        await #expect(throws: EpochError.unanswered(pids: [getpid()])) { try await board.publish(1) }
    }

    @Test("Many publish at once; all return, and all have forgotten")
    func together() async throws {
        let folder = try directory()
        let boards = try (0..<8).map { _ in try join(folder) }
        for board in boards { Forgetter().join(board) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for board in boards { for number in 0..<5 { group.addTask { try await board.publish(UInt64(number)) } } }
            try await group.waitForAll()
        }
        // Numbers that had been reached already were raised all the same.
        #expect(boards[0].current() >= 40)
    }

    @Test("A slot is free again after its release, and after its owner is gone without one")
    func freed() async throws {
        let folder = try directory()
        let board = try join(folder)
        #expect(board.residents.count == 1)
        let other = try join(folder)
        #expect(board.residents.map(\.pid) == [getpid(), getpid()])
        other.release()
        other.release()
        #expect(board.residents.count == 1)
        do { _ = try join(folder) }
        #expect(try await eventually { board.residents.count == 1 })
    }

    @Test("After its release a board stands still for nobody: no vault keeps anything")
    func released() throws {
        let folder = try directory()
        let board = try join(folder)
        board.release()
        #expect(board.current() != board.current())
    }

    @Test("A release waits for what is being read, and the slot answers until then")
    func releasedWhileReading() async throws {
        let folder = try directory()
        let (asking, leaving) = (try join(folder, patience: .milliseconds(50)), try join(folder))
        let forgetter = Forgetter()
        forgetter.join(leaving)
        forgetter.isBusy.store(true, ordering: .sequentiallyConsistent)
        leaving.release()
        #expect(asking.residents.count == 2)
        await #expect(throws: EpochError.unanswered(pids: [getpid()])) { try await asking.publish(1) }
        forgetter.isBusy.store(false, ordering: .sequentiallyConsistent)
        #expect(try await eventually { asking.residents.count == 1 })
    }

    @Test("Everybody looks again and again, also when nothing rings")
    func looks() async throws {
        let folder = try directory()
        let board = try join(folder)
        var looks: [UInt64] = []
        let isLooking = try await eventually {
            if let look = board.residents.first?.lookedAt, look != looks.last { looks.append(look) }
            return looks.count == 4
        }
        #expect(isLooking, "\(looks)")
        // To be read: how late a thread gets its turn is the machine's affair.
        let longest = zip(looks, looks.dropFirst()).map { $1 - $0 }.max() ?? 0
        print("the page was looked at four times, \(longest) ms apart at the most")
    }

    @Test("300 claims and releases by threads at once leave nobody behind")
    func manyClaims() async throws {
        let folder = try directory()
        let watching = try join(folder)
        let refused = Forgetter()
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                DispatchQueue.concurrentPerform(iterations: 300) { number in
                    guard let board = try? join(folder) else {
                        refused.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
                        return
                    }
                    if number % 3 == 0 { usleep(500) }
                    // Every other one is let go of without a word.
                    if number % 2 == 0 { board.release() }
                }
                done.resume()
            }
        }
        #expect(refused.times == 0)
        #expect(try await eventually { watching.residents.count == 1 })
        try await watching.publish(1)
    }

    @Test("The 257th is refused with a sentence, and let in when somebody has left")
    func full() throws {
        let folder = try directory()
        let boards = try (0..<EpochPage.slotCount).map { _ in try join(folder) }
        #expect(throws: LocalError.self) { try join(folder) }
        do { _ = try join(folder) } catch { #expect("\(error)".contains("256 processes have this vault open")) }
        boards[17].release()
        try join(folder).release()
    }
}

@Suite("A page that is not what it should be")
struct EpochPageDamageTests {
    private let vault = Bytes16.random()

    private func directory() throws -> Folder {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.place.data, withIntermediateDirectories: true)
        return folder
    }

    private func join(_ folder: Folder, _ other: Bytes16? = nil) throws -> SharedEpochBoard {
        try SharedEpochBoard.open(in: folder.place.data, vault: other ?? vault, patience: .seconds(120))
    }

    private func write(_ bytes: [UInt8], at offset: UInt64, _ folder: Folder) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: folder.file("epoch")))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    @Test("is readable by its owner only")
    func mode() throws {
        let folder = try directory()
        let board = try join(folder)
        #expect(try FileManager.default.attributesOfItem(atPath: folder.file("epoch"))[.posixPermissions] as? Int == 0o600)
        board.release()
    }

    @Test("A slot that names a living process, or a dead one, without its lock is free: process ids are recycled")
    func recycled() async throws {
        let folder = try directory()
        try join(folder).release()
        for (slot, pid) in [(3, UInt64(getpid())), (4, 1), (5, 999_999)] {
            let number = withUnsafeBytes(of: pid) { Array($0) }
            try write(number + [UInt8](repeating: 0, count: 56), at: UInt64(64 + slot * 64), folder)
        }
        let board = try join(folder)
        #expect(board.residents.count == 1)
        try await board.publish(1)
    }

    @Test("Damaged, cut short, or of another vault, it is made anew when nobody lives in it")
    func madeAnew() async throws {
        let folder = try directory()
        try join(folder).release()
        let garbage = [UInt8](repeating: 0x5A, count: 20_000)
        for spoil in [
            { try write([0], at: 0, folder) }, { try write(garbage, at: 0, folder) }, { try write([9], at: 8, folder) },
            { try Data([1, 2, 3]).write(to: URL(filePath: folder.file("epoch")), options: .atomic) },
            { try Data().write(to: URL(filePath: folder.file("epoch")), options: .atomic) }, { try join(folder, .random()).release() },
        ] as [() throws -> Void] {
            try spoil()
            let board = try join(folder)
            #expect(board.residents.count == 1)
            try await board.publish(1)
            board.release()
        }
    }

    @Test("While somebody lives in it, it is refused, and so is another vault's")
    func refused() throws {
        let folder = try directory()
        let living = try join(folder)
        do {
            _ = try join(folder, .random())
            Issue.record("joined the page of another vault")
        } catch { #expect("\(error)".contains("stop every process")) }
        try write([0], at: 0, folder)
        #expect(throws: LocalError.self) { try join(folder) }
        living.release()
        try join(folder).release()
    }

    @Test("A link is refused")
    func link() throws {
        let folder = try directory()
        try Data().write(to: URL(filePath: folder.path + "/elsewhere"))
        try FileManager.default.createSymbolicLink(atPath: folder.file("epoch"), withDestinationPath: folder.path + "/elsewhere")
        #expect(throws: LocalError.self) { try join(folder) }
    }

    @Test("Removed or overwritten while it is in use: publishing says so, and nothing is kept for longer than a look takes")
    func removed() async throws {
        let folder = try directory()
        let board = try join(folder)
        let forgetter = Forgetter()
        forgetter.join(board)
        try FileManager.default.removeItem(atPath: folder.file("epoch"))
        await #expect(throws: LocalError.self) { try await board.publish(1) }
        let other = try join(folder)
        #expect(try await eventually { forgetter.times >= 2 })
        other.release()
    }
}
