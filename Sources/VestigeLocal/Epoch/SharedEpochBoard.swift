import Dispatch
import Foundation
import Synchronization
public import VestigeCrypto
public import VestigeVault

/// The board of all processes that have one data directory open: a page of memory that they share (design §5, step 4 of an erasure).
///
/// Each opening has a slot in it. A thread of its own looks at the page when it is rung and otherwise once a second, so that a process
/// which nobody uses forgets as well, and acknowledges what it has forgotten. ``publish(_:)`` returns when all who live have.
public final class SharedEpochBoard: EpochBoard {
    /// The name of the file in the data directory.
    public static let fileName = "epoch"
    /// How long an erasure waits for an answer, unless said otherwise.
    public static let patience: Duration = .seconds(5)
    /// How often the page is looked at when nothing rings; under a second, so that a late thread still makes it.
    private static let pauseMilliseconds: UInt32 = 900
    /// A read on its way ends within milliseconds.
    private static let busyMilliseconds: UInt32 = 1
    /// Nothing rings when a process ends.
    private static let endMilliseconds: UInt32 = 20

    private enum Phase {
        case open
        /// The vault is closed; the slot goes as soon as nothing is read any more.
        case closing
        case closed
    }

    private let page: EpochPage
    private let slot: Int
    private let vault: Bytes16
    private let patience: Duration
    private let audience = EpochAudience()
    private let phase = Mutex(Phase.open)
    /// 0 while open; afterwards what ``current()`` gives, never the same twice, so that no vault uses anything.
    private let afterwards = Atomic<UInt64>(0)
    /// Publishing blocks a thread; none of the cooperative ones.
    private static let queue = DispatchQueue(label: "vestige.epoch", attributes: .concurrent)

    /// Joins the page of a data directory, or makes it.
    ///
    /// - Parameters:
    ///   - vault: the id of the vault in this directory; a page of another one is made anew.
    ///   - patience: how long ``publish(_:)`` waits for the others.
    /// - Throws: ``LocalError/epochPage(_:)`` if all 256 slots are taken, if a damaged page has processes living by it, or if the file
    ///   cannot be used.
    public static func open(in directory: String, vault: Bytes16, patience: Duration = SharedEpochBoard.patience) throws -> SharedEpochBoard
    {
        let (page, slot) = try EpochPage.join(directory + "/" + fileName, vault: vault)
        let board = SharedEpochBoard(page: page, slot: slot, vault: vault, patience: patience)
        let thread = Thread { [weak board] in
            while true {
                let heard = page.bell
                guard let pause = board?.watch() else { return }
                page.awaitBell(after: heard, milliseconds: pause)
            }
        }
        thread.name = "vestige epoch"
        thread.start()
        return board
    }

    private init(page: EpochPage, slot: Int, vault: Bytes16, patience: Duration) {
        self.page = page
        self.slot = slot
        self.vault = vault
        self.patience = patience
    }

    deinit {
        // Every vault that was given the board is gone.
        phase.withLock { if $0 != .closed { page.release(slot) } }
        page.ringBell()
    }

    /// Process ids of the others that have the directory open.
    var otherProcesses: [Int32] { page.residents(own: slot).map(\.pid).filter { $0 != getpid() } }

    public func current() -> UInt64 {
        if afterwards.load(ordering: .relaxed) != 0 { return UInt64.max - afterwards.wrappingAdd(1, ordering: .relaxed).newValue }
        return page.epoch
    }

    public func register(_ forget: @escaping @Sendable () -> EpochAnswer) { audience.add(forget) }

    /// - Throws: ``EpochError/unanswered(pids:)``; ``LocalError/epochPage(_:)`` if somebody removed or overwrote the page.
    public func publish(_ epoch: UInt64) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try self.publishHere(epoch) }) }
        }
    }

    private func publishHere(_ epoch: UInt64) throws {
        guard page.isInPlace(vault: vault) else {
            throw LocalError.epochPage(
                "the page by which processes tell each other of erasures was removed or overwritten; stop every process on this data "
                    + "directory and start again")
        }
        let wanted = page.raise(atLeast: epoch)
        page.ringBell()
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while true {
            let heard = page.answers
            let isOwnDone = answer()
            let silent = page.silent(before: wanted, own: slot)
            if isOwnDone, silent.isEmpty { return }
            guard clock.now < deadline else { throw EpochError.unanswered(pids: (isOwnDone ? [] : [getpid()]) + silent) }
            page.awaitAnswers(after: heard, milliseconds: isOwnDone ? Self.endMilliseconds : Self.busyMilliseconds)
        }
    }

    /// Leaves the page: everything is wiped, and no vault on this board uses a key any more. Close the vault's store first, so that
    /// nothing is read anew. Called again it does nothing.
    public func release() {
        _ = afterwards.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
        phase.withLock { if $0 == .open { $0 = .closing } }
        _ = answer()
        page.ringBell()
    }

    /// Forgets if the epoch moved, and says so in the page. False if something read before is still on its way.
    private func answer() -> Bool {
        phase.withLock { phase in
            guard phase != .closed else { return true }
            page.look(in: slot)
            let epoch = page.epoch
            if phase == .open, page.acknowledged(in: slot) == epoch { return true }
            guard audience.forget() else { return false }
            page.acknowledge(epoch, in: slot)
            if phase == .closing {
                page.release(slot)
                phase = .closed
            }
            page.ringAnswers()
            return true
        }
    }

    /// One look of the thread. Returns for how long to sleep, `nil` at the end.
    private func watch() -> UInt32? {
        let isDone = answer()
        if phase.withLock({ $0 == .closed }) { return nil }
        // On a page that is no longer the directory's nobody would tell of an erasure: nothing is kept for longer than a look takes.
        if !page.isInPlace(vault: vault) { _ = page.raise(atLeast: 0) }
        return isDone ? Self.pauseMilliseconds : Self.busyMilliseconds
    }

    /// The processes that live by the page, one for each opening, this one's too, with the moment at which each last looked:
    /// milliseconds of the machine's monotonic clock.
    package var residents: [(pid: Int32, lookedAt: UInt64)] { page.residents(own: slot) }
}
