import Synchronization
package import VestigeVault

/// What every call of a store or a keyring passes by, with its name: a crash, a kill, or a test that looks in between.
package protocol CallPost: Sendable {
    func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result
    func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result
}

/// A crash at a chosen call: from there on the store and the keyring that share it do nothing more, as for a process that is dead.
///
/// ```swift
/// for call in 1... {
///     let crash = Interruption(at: call, .beforeItTakesEffect)
///     let vault = try await Vault.open(store: InterruptedVaultStore(store, by: crash), keyring: InterruptedKeyring(keyring, by: crash), …)
///     _ = try? await vault.rotate()
///     // open store and keyring again, and see that nothing is lost
///     if !crash.happened { break }
/// }
/// ```
public final class Interruption: CallPost {
    public enum Moment: Sendable, CaseIterable {
        case beforeItTakesEffect
        case afterItTookEffect
    }

    public struct CutShort: Error {}

    private let call: Int
    private let moment: Moment
    private let count = Mutex(0)
    private let armed = Atomic(false)

    /// - Parameter call: counted from 1, from ``arm()`` on.
    public init(at call: Int, _ moment: Moment) {
        self.call = call
        self.moment = moment
    }

    /// Begins to count.
    public func arm() { armed.store(true, ordering: .releasing) }

    public var happened: Bool { count.withLock { $0 >= call } }

    private func isCut() -> (before: Bool, after: Bool) {
        guard armed.load(ordering: .acquiring) else { return (false, false) }
        return count.withLock { count in
            count += 1
            let isNow = count == call
            return (count > call || isNow && moment == .beforeItTakesEffect, isNow)
        }
    }

    package func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result {
        let cut = isCut()
        if cut.before { throw CutShort() }
        let result = try await body()
        if cut.after { throw CutShort() }
        return result
    }

    package func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
        let cut = isCut()
        if cut.before { throw .unsettled }
        let result = try body()
        if cut.after { throw .unsettled }
        return result
    }
}
