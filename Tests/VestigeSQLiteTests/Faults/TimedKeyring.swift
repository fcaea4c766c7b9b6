import Synchronization
import VestigeCrypto
import VestigeTesting
import VestigeVault

/// A keyring that remembers which KEKs it had at which moment of a disk, so that it can be had again as it was when power went.
///
/// Keyrings lie elsewhere and make each change durable before they return: here it takes effect at once.
final class TimedKeyring: RotatingKeyring {
    private struct State {
        var ids: Set<UInt32>
        var history: [(moment: Int, ids: Set<UInt32>)]
    }

    /// Never gives a key up: the ids say which of its keys are there.
    private let keys: InMemoryKeyring
    private let now: @Sendable () -> Int
    private let state: Mutex<State>

    private init(_ keys: InMemoryKeyring, ids: Set<UInt32>, now: @escaping @Sendable () -> Int) {
        self.keys = keys
        self.now = now
        state = Mutex(State(ids: ids, history: [(0, ids)]))
    }

    convenience init(now: @escaping @Sendable () -> Int) throws { try self.init(InMemoryKeyring(), ids: [1], now: now) }

    /// As it was at `moment`, to go its own way from there.
    func copy(of moment: Int) -> TimedKeyring {
        let ids = state.withLock { $0.history.last { $0.moment <= moment }?.ids ?? [1] }
        return TimedKeyring(keys, ids: ids, now: { 0 })
    }

    private func change(_ body: (inout Set<UInt32>) -> Void) {
        let moment = now()
        state.withLock { state in
            body(&state.ids)
            state.history.append((moment, state.ids))
        }
    }

    func currentKEK() throws(VaultError) -> UInt32 { state.withLock { $0.ids.max() ?? 1 } }

    func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        guard state.withLock({ $0.ids.contains(id) }) else { throw .keyring(.missing(path: "KEK \(id)")) }
        return try keys.kek(id)
    }

    func signingKey() throws(VaultError) -> SigningKey { try keys.signingKey() }

    func origin() throws(VaultError) -> String { try keys.origin() }

    var destroysKEKs: Bool { true }

    func kekIDs() throws(VaultError) -> [UInt32] { state.withLock { $0.ids.sorted() } }

    func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        let newest = try currentKEK()
        if newest > current { return newest }
        // Another life of this keyring may have drawn it already.
        if try keys.currentKEK() == current { _ = try keys.newKEK(after: current) }
        change { $0.insert(current + 1) }
        return current + 1
    }

    func destroyKEK(_ id: UInt32) throws(VaultError) { change { $0.remove(id) } }
}
