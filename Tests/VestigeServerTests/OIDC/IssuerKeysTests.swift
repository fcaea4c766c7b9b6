import Foundation
import Synchronization
import Testing

@testable import VestigeServer

@Suite("Keys of an identity provider")
struct IssuerKeysTests {
    private final class Hours: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test("they are read once, again when they are old or a new one is named, and never more often than every half minute")
    func caching() async throws {
        let provider = IdentityProvider()
        try await provider.addKey("first")
        let hours = Hours()
        let keys = IssuerKeys(now: { hours.now }, read: provider.reading)
        for _ in 0..<5 { _ = try await keys.collection(for: "first") }
        #expect(provider.reads == 1)
        for _ in 0..<5 { _ = try await keys.collection(for: "unheard of") }
        #expect(provider.reads == 1, "whoever sends names of keys does not make the service ask")
        hours.advance(.seconds(31))
        for _ in 0..<5 { _ = try await keys.collection(for: "unheard of") }
        #expect(provider.reads == 2)
        hours.advance(.seconds(16 * 60))
        _ = try await keys.collection(for: "first")
        #expect(provider.reads == 3)
    }

    @Test("when they cannot be read, those that are known serve for an hour and then nobody is let in")
    func down() async throws {
        let provider = IdentityProvider()
        try await provider.addKey("first")
        let hours = Hours()
        let keys = IssuerKeys(now: { hours.now }, read: provider.reading)
        _ = try await keys.collection(for: "first")
        provider.isDown = true
        hours.advance(.seconds(59 * 60))
        _ = try await keys.collection(for: "first")
        hours.advance(.seconds(60))
        await #expect(throws: Problem.self) { try await keys.collection(for: "first") }
        provider.isDown = false
        hours.advance(.seconds(31))
        _ = try await keys.collection(for: "first")
    }

    @Test("keys for encrypting, of an unknown kind or without a name are left out; a set without any is none")
    func others() async throws {
        for set in [
            #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]}"#, #"{"keys":[{"kty":"EC","use":"enc","kid":"a"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, "[]", "",
        ] {
            let keys = IssuerKeys { Array(set.utf8) }
            await #expect(throws: (any Error).self, "\(set)") { try await keys.collection(for: nil) }
        }
    }
}
