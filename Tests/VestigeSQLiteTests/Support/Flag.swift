import Synchronization

/// Tells tasks that run side by side that it is over.
final class Flag: Sendable {
    let isRaised = Mutex(false)
}
