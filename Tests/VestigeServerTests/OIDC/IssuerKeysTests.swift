import Foundation
import JWTKit
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
        for _ in 0..<5 { _ = try await keys.collection(for: "first", by: .es256) }
        #expect(provider.reads == 1)
        for _ in 0..<5 { await #expect(throws: Problem.badCredential) { try await keys.collection(for: "unheard of", by: .es256) } }
        #expect(provider.reads == 1, "whoever sends names of keys does not make the service ask")
        hours.advance(.seconds(31))
        for _ in 0..<5 { await #expect(throws: Problem.badCredential) { try await keys.collection(for: "unheard of", by: .es256) } }
        #expect(provider.reads == 2)
        hours.advance(.seconds(16 * 60))
        _ = try await keys.collection(for: "first", by: .es256)
        #expect(provider.reads == 3)
    }

    @Test("when they cannot be read, those that are known serve for an hour and then nobody is let in")
    func down() async throws {
        let provider = IdentityProvider()
        try await provider.addKey("first")
        let hours = Hours()
        let keys = IssuerKeys(now: { hours.now }, read: provider.reading)
        _ = try await keys.collection(for: "first", by: .es256)
        provider.isDown = true
        hours.advance(.seconds(59 * 60))
        _ = try await keys.collection(for: "first", by: .es256)
        hours.advance(.seconds(60))
        await #expect(throws: Problem.self) { try await keys.collection(for: "first", by: .es256) }
        provider.isDown = false
        hours.advance(.seconds(31))
        _ = try await keys.collection(for: "first", by: .es256)
    }

    @Test("whoever comes while they are read waits for them, and one reading serves all")
    func together() async throws {
        let provider = IdentityProvider()
        try await provider.addKey("first")
        let keys = IssuerKeys {
            try await Task.sleep(for: .milliseconds(200))
            return try provider.keySet()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try await keys.collection(for: "first", by: .es256) } }
            try await group.waitForAll()
        }
        #expect(provider.reads == 1)
    }

    @Test("one key that is none leaves the others usable, and a key that says its algorithm is good for no other")
    func broken() async throws {
        let provider = IdentityProvider()
        provider.publish(##"{"kty":"RSA","kid":"torn","alg":"RS256","n":"AA"}"##)
        try await provider.addKey("first")
        provider.publish(
            ##"{"kty":"EC","kid":"told","alg":"ES384","crv":"P-384","x":"AA","y":"AA"}"##)
        let keys = IssuerKeys(read: provider.reading)
        _ = try await keys.collection(for: "first", by: .es256)
        await #expect(throws: Problem.badCredential) { try await keys.collection(for: "torn", by: .rs256) }
        await #expect(throws: Problem.badCredential) { try await keys.collection(for: "told", by: .es256) }
    }

    @Test("keys for encrypting, of an unknown kind or without a name are left out; a set without any is none")
    func others() async throws {
        for set in [
            #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]}"#, #"{"keys":[{"kty":"EC","use":"enc","kid":"a"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, "[]", "",
        ] {
            let keys = IssuerKeys { Array(set.utf8) }
            await #expect(throws: (any Error).self, "\(set)") { try await keys.collection(for: nil, by: .es256) }
        }
    }
}
