import Synchronization

/// Who is signed in, in this process's memory: a restart signs everybody out.
///
/// An example's sessions. A host with more than one process keeps its own somewhere else; what Vestige needs of them is who acts.
final class Sessions: Sendable {
    struct Session: Sendable {
        /// Names the session in the trail. It is not the token: who reads the trail cannot take the session over.
        let name: String
        let personID: String
        let ends: ContinuousClock.Instant
    }

    static let lifetime = Duration.seconds(8 * 3600)

    private let sessions = Mutex<[String: Session]>([:])

    /// - Returns: the token for the cookie: 256 random bits in hex.
    func start(for personID: String, at now: ContinuousClock.Instant = .now) -> String {
        let token = Self.randomHex(words: 4)
        let session = Session(name: Self.randomHex(words: 1), personID: personID, ends: now + Self.lifetime)
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.ends > now }
            sessions[token] = session
        }
        return token
    }

    func find(_ token: String, at now: ContinuousClock.Instant = .now) -> Session? {
        sessions.withLock { $0[token] }.flatMap { $0.ends > now ? $0 : nil }
    }

    func end(_ token: String) {
        sessions.withLock { _ = $0.removeValue(forKey: token) }
    }

    private static func randomHex(words: Int) -> String {
        var system = SystemRandomNumberGenerator()
        return (0..<words).map { _ in
            let digits = String(system.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
