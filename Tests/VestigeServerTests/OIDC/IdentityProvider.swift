import Foundation
import JWTKit
import Synchronization
import TestSupport

/// An identity provider with keys of its own, that says whatever a test wants it to say.
final class IdentityProvider: Sendable {
    struct Claims: JWTPayload {
        var iss = "https://login.example.org"
        var aud: [String]? = ["vestige", "other"]
        var sub: String? = "ida"
        var exp: Int64? = 1_780_000_600
        var nbf: Int64?
        var name: String? = "Ida Dpo"
        var groups: [String]? = ["everybody", "data-protection"]
        var realmAccess: [String: [String]]?

        enum CodingKeys: String, CodingKey {
            case iss, aud, sub, exp, nbf, name, groups
            case realmAccess = "realm_access"
        }

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    static let policy = """
          oidc:
            issuer: https://login.example.org
            audience: vestige
            claim: groups
            roles:
              - { value: data-protection, role: dpo }
              - { value: revision, role: auditor }

        """

    private let collection = JWTKeyCollection()
    private let keys = Mutex<[String]>([])
    private let state = Mutex<(isDown: Bool, reads: Int)>((false, 0))

    /// Makes a key and publishes it.
    func addKey(_ name: String, published: Bool = true) async throws {
        let key = ES256PrivateKey()
        await collection.add(ecdsa: key, kid: JWKIdentifier(string: name))
        guard published, let (x, y) = key.parameters else { return }
        publish(#"{"kty":"EC","use":"sig","crv":"P-256","kid":"\#(name)","x":"\#(Self.url(x))","y":"\#(Self.url(y))"}"#)
    }

    /// The same with a key as most providers have.
    ///
    /// - Returns: false where there is no program that makes one.
    func addRSAKey(_ name: String, saysAlgorithm: Bool = true) async throws -> Bool {
        let made = try await Program.shell("openssl genrsa 2048 2>/dev/null", in: "/")
        guard made.exit == 0 else { return false }
        let key = try Insecure.RSA.PrivateKey(pem: made.output)
        await collection.add(rsa: key, digestAlgorithm: .sha256, kid: JWKIdentifier(string: name))
        let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
        publish(
            #"{"kty":"RSA","kid":"\#(name)"\#(saysAlgorithm ? #","alg":"RS256""# : ""),"n":"\#(Self.url(modulus.base64EncodedString()))","e":"\#(Self.url(exponent.base64EncodedString()))"}"#
        )
        return true
    }

    func publish(_ key: String) { keys.withLock { $0.append(key) } }

    func token(key: String = "first", _ change: (inout Claims) -> Void = { _ in }) async throws -> String {
        var claims = Claims()
        change(&claims)
        return try await collection.sign(claims, kid: JWKIdentifier(string: key))
    }

    var isDown: Bool {
        get { state.withLock { $0.isDown } }
        set { state.withLock { $0.isDown = newValue } }
    }

    var reads: Int { state.withLock { $0.reads } }

    func keySet() throws -> [UInt8] {
        let isDown = state.withLock { state in
            state.reads += 1
            return state.isDown
        }
        if isDown { throw URLError(.cannotConnectToHost) }
        return Array("{\"keys\":[\(keys.withLock { $0.joined(separator: ",") })]}".utf8)
    }

    var reading: @Sendable () async throws -> [UInt8] { { try self.keySet() } }

    static func url(_ base64: String) -> String {
        base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
