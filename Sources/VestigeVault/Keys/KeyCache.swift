import Synchronization
import VestigeCrypto

/// Who is known and which keys are in locked memory. Every answer passes the epoch check first.
///
/// Rows are read without a lock, so a key may be destroyed while its row is on the way here. A reader takes a ``Ticket`` before it reads
/// and gives it back with what it read; anything wiped in between makes the ticket void and the rows are not kept.
final class KeyCache: Sendable {
    /// How long a look at the store's epoch counts: this is how late another process's erasure is noticed without a shared page.
    static let epochValidity: Int64 = 1_000_000  // microseconds

    /// Added for sealing and opening, so that who was admitted at the last moment can also seal.
    static let epochGrace: Int64 = 250_000  // microseconds

    struct Ticket: Equatable {
        fileprivate let generation: UInt64
    }

    /// A person or handle whose standing is active.
    struct Person {
        let pseudonym: Pseudonym
        let role: KeyRole
        let locator: Bytes16?
        /// `nil` for handles, which have no key.
        let slot: KeySlab.Slot?
    }

    private struct Entry {
        var person: Person
        var names: [DirectoryKey]
        /// Used since the hand last passed: gets a second chance.
        var recent: Bool
    }

    private struct State {
        var generation: UInt64 = 0
        var boardEpoch: UInt64
        var storeEpoch: UInt64
        /// When the store's epoch was last looked at.
        var checkedAt: Int64
        var entries: [Pseudonym: Entry] = [:]
        var names: [DirectoryKey: Pseudonym] = [:]
        /// Every entry once, oldest first; consumed from `hand`.
        var queue: [Pseudonym] = []
        var hand = 0
    }

    let slab: KeySlab
    /// A quarter of the slab stays free for keys on their way in.
    private let entryCountMax: Int
    private let board: any EpochBoard
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    init(capacity: Int, board: any EpochBoard, storeEpoch: UInt64, now: @escaping @Sendable () -> Int64) throws(CryptoError) {
        slab = try KeySlab(capacity: max(capacity, 16))
        entryCountMax = slab.capacity - slab.capacity / 4
        self.board = board
        self.now = now
        state = Mutex(State(boardEpoch: board.current(), storeEpoch: storeEpoch, checkedAt: now()))
    }

    /// False once the last look at the store's epoch is over a second old.
    var fresh: Bool { state.withLock { isFresh($0) } }

    /// Tells what the store's epoch is. If it moved, everything cached is wiped. Returns whether it did.
    @discardableResult
    func noted(storeEpoch: UInt64, askedAt: Int64) -> Bool {
        state.withLock { state in
            let moved = storeEpoch != state.storeEpoch
            if moved {
                wipe(&state)
                state.storeEpoch = storeEpoch
            }
            state.checkedAt = askedAt
            return moved
        }
    }

    func person(_ name: DirectoryKey) -> Person? {
        state.withLock { state in
            guard isFresh(state), current(&state), let pseudonym = state.names[name] else { return nil }
            state.entries[pseudonym]?.recent = true
            return state.entries[pseudonym]?.person
        }
    }

    /// The entry of a pseudonym, for sealing and opening.
    func person(_ pseudonym: Pseudonym) -> Person? {
        state.withLock { state in
            guard isFresh(state, grace: Self.epochGrace), current(&state) else { return nil }
            state.entries[pseudonym]?.recent = true
            return state.entries[pseudonym]?.person
        }
    }

    /// Whether anything about the pseudonym is here, however old.
    func holds(_ pseudonym: Pseudonym) -> Bool { state.withLock { $0.entries[pseudonym] != nil } }

    /// To be taken before rows are read that will be kept.
    func ticket() -> Ticket {
        state.withLock { state in
            _ = current(&state)
            return Ticket(generation: state.generation)
        }
    }

    /// Keeps a person whose rows were read after `ticket` was taken. A void ticket wipes the slot and returns false.
    func keep(_ person: Person, name: DirectoryKey?, ticket: Ticket) -> Bool {
        state.withLock { state in
            guard current(&state), ticket.generation == state.generation else {
                if let slot = person.slot { slab.wipe(slot) }
                return false
            }
            if let existing = state.entries[person.pseudonym] {
                // Someone loaded the same key meanwhile; theirs stays.
                if let slot = person.slot { slab.wipe(slot) }
                if existing.person.locator ?? .zero == .zero, person.locator != nil {
                    state.entries[person.pseudonym]?.person = Person(
                        pseudonym: person.pseudonym, role: person.role, locator: person.locator, slot: existing.person.slot)
                }
            } else {
                while state.entries.count >= entryCountMax { evictOne(&state) }
                state.entries[person.pseudonym] = Entry(person: person, names: [], recent: false)
                state.queue.append(person.pseudonym)
            }
            if let name, state.names[name] != person.pseudonym {
                state.names[name] = person.pseudonym
                state.entries[person.pseudonym]?.names.append(name)
            }
            return true
        }
    }

    /// Frees places in the slab if it is full. Called before a key is made or loaded.
    func makeRoom(for count: Int) {
        state.withLock { state in
            while slab.capacity - slab.count < count, !state.entries.isEmpty { evictOne(&state) }
        }
    }

    /// Wipes every key and every standing and voids all tickets.
    func wipeAll() { state.withLock { wipe(&$0) } }

    private func isFresh(_ state: State, grace: Int64 = 0) -> Bool {
        let age = now() - state.checkedAt
        return age >= -Self.epochValidity && age <= Self.epochValidity + grace  // a clock that was set back is not trusted
    }

    /// Compares with the board; if it moved, wipes and returns false.
    private func current(_ state: inout State) -> Bool {
        let epoch = board.current()
        guard epoch != state.boardEpoch else { return true }
        wipe(&state)
        state.boardEpoch = epoch
        return false
    }

    private func wipe(_ state: inout State) {
        slab.wipeAll()
        state.entries.removeAll(keepingCapacity: true)
        state.names.removeAll(keepingCapacity: true)
        state.queue.removeAll(keepingCapacity: true)
        state.hand = 0
        state.generation &+= 1
    }

    /// Second chance: the oldest goes, unless it was used since the hand last passed.
    private func evictOne(_ state: inout State) {
        while state.hand < state.queue.count {
            let pseudonym = state.queue[state.hand]
            state.hand += 1
            if state.hand > 4_096, state.hand * 2 > state.queue.count {
                state.queue.removeFirst(state.hand)
                state.hand = 0
            }
            guard let entry = state.entries[pseudonym] else { continue }
            if entry.recent {
                state.entries[pseudonym]?.recent = false
                state.queue.append(pseudonym)
                continue
            }
            if let slot = entry.person.slot { slab.wipe(slot) }
            for name in entry.names { state.names[name] = nil }
            state.entries[pseudonym] = nil
            return
        }
    }
}
