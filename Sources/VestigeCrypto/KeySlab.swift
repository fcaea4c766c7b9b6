import CSodium
import Synchronization

/// Many 32-byte keys in one region of guarded, locked memory. Keys are named by slots and lent for the length of a call; they never leave.
///
/// A slot names one stored key for ever: once wiped, its place may hold another key, which the old slot does not reach. All members may be
/// called from any thread; a body that was lent a key must not call the slab again.
public final class KeySlab: Sendable {
    public struct Slot: Hashable, Sendable {
        fileprivate let place: UInt32
        fileprivate let generation: UInt32
    }

    private struct State: @unchecked Sendable {
        // Sendable by hand: only the mutex that holds this state lets anyone at the memory.
        let memory: UnsafeMutableRawPointer
        /// Odd while the place holds a key, so a slot's generation says both which key and whether it is still there.
        var generations: [UInt32]
        var free: [UInt32]

        func bytes(_ place: UInt32) -> UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(start: memory + Int(place) * SecretKey.byteCount, count: SecretKey.byteCount)
        }
    }

    public let capacity: Int
    private let state: Mutex<State>

    /// - Parameter capacity: how many keys; each takes 32 bytes of the process's limit on locked memory.
    /// - Throws: ``CryptoError/memoryNotLocked(byteCount:)`` if the region cannot be locked.
    public init(capacity: Int) throws(CryptoError) {
        try Sodium.start()
        let byteCount = capacity * SecretKey.byteCount
        guard let memory = sodium_malloc(byteCount) else { throw .memoryNotLocked(byteCount: byteCount) }
        // sodium_malloc says nothing when mlock is refused; locking the same pages again costs nothing and answers.
        guard sodium_mlock(memory, byteCount) == 0 else {
            sodium_free(memory)
            throw .memoryNotLocked(byteCount: byteCount)
        }
        Memory.keepFromChildren(memory, byteCount)
        self.capacity = capacity
        state = Mutex(
            State(
                memory: memory, generations: [UInt32](repeating: 0, count: capacity), free: (0..<UInt32(capacity)).reversed()))
    }

    deinit { state.withLock { sodium_free($0.memory) } }

    /// Keys held now.
    public var count: Int { capacity - state.withLock { $0.free.count } }

    /// Makes a random key in place.
    ///
    /// - Throws: ``CryptoError/slabFull(capacity:)``.
    public func generate() throws(CryptoError) -> Slot {
        try store { Randomness.fill($0) }
    }

    /// - Throws: ``CryptoError/slabFull(capacity:)``, ``CryptoError/wrongLength(expected:actual:)``.
    public func store(copying source: UnsafeRawBufferPointer) throws(CryptoError) -> Slot {
        guard source.count == SecretKey.byteCount else { throw .wrongLength(expected: SecretKey.byteCount, actual: source.count) }
        return try store { $0.copyMemory(from: source) }
    }

    /// Lets `fill` write the 32 bytes where they will stay; if it throws, nothing is kept.
    public func store(_ fill: (UnsafeMutableRawBufferPointer) throws(CryptoError) -> Void) throws(CryptoError) -> Slot {
        try state.withLock { (state) throws(CryptoError) in
            guard let place = state.free.last else { throw .slabFull(capacity: capacity) }
            do throws(CryptoError) {
                try fill(state.bytes(place))
            } catch {
                Memory.wipe(state.bytes(place))
                throw error
            }
            state.free.removeLast()
            state.generations[Int(place)] &+= 1
            return Slot(place: place, generation: state.generations[Int(place)])
        }
    }

    /// Lends the key to `body`, or returns `nil` if the slot was wiped.
    public func withKey<R, E: Error>(_ slot: Slot, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R? {
        try state.withLock { (state) throws(E) -> R? in
            guard state.generations[Int(slot.place)] == slot.generation else { return nil }
            return try body(UnsafeRawBufferPointer(state.bytes(slot.place)))
        }
    }

    /// Zeroes the key and frees its place. Wiping twice does nothing.
    public func wipe(_ slot: Slot) {
        state.withLock { state in
            guard state.generations[Int(slot.place)] == slot.generation else { return }
            Memory.wipe(state.bytes(slot.place))
            state.generations[Int(slot.place)] &+= 1
            state.free.append(slot.place)
        }
    }

    /// Zeroes every key.
    public func wipeAll() {
        state.withLock { state in
            Memory.wipe(UnsafeMutableRawBufferPointer(start: state.memory, count: capacity * SecretKey.byteCount))
            for place in 0..<capacity where state.generations[place] % 2 == 1 {
                state.generations[place] &+= 1
                state.free.append(UInt32(place))
            }
        }
    }
}
