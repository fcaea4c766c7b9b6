import JWTKit
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail

/// What an identity provider says of somebody, once its signature and its claims were found good (OpenID Connect Core, section 3.1.3.7; RFC 7519).
struct BearerClaims: Sendable, Equatable {
    /// A longer one is nobody's.
    static let byteCountMax = 16 * 1024
    /// Clocks differ.
    static let leewaySeconds: Int64 = 60

    let holder: String
    let name: String?
    let email: String?
    /// The first role of the policy's list that one of the values of its claim stands for.
    let role: String

    /// Whether the token says that it comes from this issuer and is for this audience. It is only a hint which issuer's keys to ask.
    static func claims(_ token: Substring, to be: IssuerRule) -> Bool {
        guard let claims = members(of: token, part: 1) else { return false }
        return claims["iss"] == .string(be.issuer) && values(claims["aud"]).contains(be.audience)
    }

    /// - Throws: ``Problem/badCredential``, or what kept the keys from being read.
    static func verify(_ token: Substring, by rule: IssuerRule, keys: IssuerKeys, now: Timestamp) async throws -> BearerClaims {
        guard token.utf8.count <= byteCountMax, let head = members(of: token, part: 0), case .string(let algorithm)? = head["alg"],
            JWK.Algorithm(rawValue: algorithm) != nil
        else { throw Problem.badCredential }
        var kid: String?
        if case .string(let given)? = head["kid"] { kid = given }
        let collection = try await keys.collection(for: kid)
        do {
            _ = try await collection.verify(String(token), as: SignedBytes.self)
        } catch {
            throw Problem.badCredential
        }
        guard let claims = members(of: token, part: 1), let read = BearerClaims(claims, rule, now: now) else { throw Problem.badCredential }
        return read
    }

    private init?(_ claims: [String: StrictJSON], _ rule: IssuerRule, now: Timestamp) {
        let seconds = now.microseconds / Timestamp.microsecondsPerSecond
        guard claims["iss"] == .string(rule.issuer), Self.values(claims["aud"]).contains(rule.audience),
            case .integer(let end)? = claims["exp"], seconds - Self.leewaySeconds < end
        else { return nil }
        if let begin = claims["nbf"] {
            guard case .integer(let begin) = begin, begin <= seconds + Self.leewaySeconds else { return nil }
        }
        guard case .string(let holder)? = claims[rule.holder], !holder.isEmpty else { return nil }
        let values = Self.values(Self.member(rule.claim, of: claims))
        guard let role = rule.roles.first(where: { values.contains($0.value) })?.role else { return nil }
        self.holder = holder
        self.role = role
        name = Self.values(claims["name"]).first
        email = Self.values(claims["email"]).first
    }

    /// `groups`, or `realm_access.roles` for a member of a member.
    private static func member(_ name: String, of claims: [String: StrictJSON]) -> StrictJSON? {
        if let own = claims[name] { return own }
        guard let dot = name.firstIndex(of: "."), case .object(let inner)? = claims[String(name[..<dot])] else { return nil }
        let members = Dictionary(inner.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return member(String(name[name.index(after: dot)...]), of: members)
    }

    private static func values(_ json: StrictJSON?) -> [String] {
        switch json {
        case .string(let text): [text]
        case .array(let items): items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: []
        }
    }

    /// The same name twice is refused: readers disagree which one counts.
    private static func members(of token: Substring, part: Int) -> [String: StrictJSON]? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, token.utf8.count <= byteCountMax else { return nil }
        var text = parts[part].replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Base64.decode(text), case .object(let members)? = try? StrictJSONParser.parse(bytes) else { return nil }
        return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}

/// Only the signature is the library's business; the claims are read by the strict reader.
private struct SignedBytes: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}
