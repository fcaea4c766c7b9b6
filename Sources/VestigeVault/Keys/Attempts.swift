/// The attempts at work whose ground may shift: what was read is void by the time it is used, because somebody was erased, minted or linked,
/// a key was wiped, or the KEK changed.
///
/// Erasures and rotations one after the other, or a busy machine, may void it again and again. So the first attempts follow at once, and from
/// there on each waits a little longer: twenty, over some two seconds in all. Whoever comes to the end has ``VaultError/unsettled``.
///
/// ```swift
/// for await _ in Attempts() { if let result = try await attempt() { return result } }
/// throw VaultError.unsettled
/// ```
package struct Attempts: AsyncSequence, AsyncIteratorProtocol, Sendable {
    package typealias Element = Int

    package static let countMax = 20
    /// Attempts without a pause.
    static let quickCount = 4
    private static let pauseStep = 15

    private var next = 0

    package init() {}

    package func makeAsyncIterator() -> Attempts { Attempts() }

    /// The attempt's number, from 0.
    package mutating func next() async -> Int? {
        guard next < Self.countMax else { return nil }
        defer { next += 1 }
        if next >= Self.quickCount { try? await Task.sleep(for: .milliseconds(Self.pauseStep * (next - Self.quickCount + 1))) }
        return next
    }
}
