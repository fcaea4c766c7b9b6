import Foundation
package import VestigeCore
import VestigeCrypto
package import VestigeDesk
import VestigePolicy
package import VestigeTrail
package import VestigeVault

/// What a new token is to be.
package struct TokenOrder: Sendable {
    /// A year of days is the most: a token that nobody renews is one that nobody misses.
    package static let daysMax = 366
    package static let daysStandard = 90

    package var role: String
    /// `KIND/ID`; for the role `self` the `TYPE/ID` of the person's record.
    package var holder: String
    package var days = daysStandard
    package var addresses: [String] = []
    package var perMinute: Int?

    package init(role: String, holder: String) {
        self.role = role
        self.holder = holder
    }
}

/// The tokens of one tenant. Making and revoking one are entries of its trail.
package struct TokenBook: Sendable {
    private static let collection = "tokens"
    private static let lastUseGrain: Int64 = 60 * Timestamp.microsecondsPerSecond

    private let desk: any DeskStore
    private let vault: Vault
    private let recorder: Recorder
    private let clock: Clock

    package init(desk: any DeskStore, vault: Vault, recorder: Recorder, clock: @escaping Clock) {
        self.desk = desk
        self.vault = vault
        self.recorder = recorder
        self.clock = clock
    }

    /// - Returns: the token and its secret, which is shown this once.
    /// - Throws: ``TokenError``; what the vault, the trail or the desk says.
    package func create(_ order: TokenOrder, by actor: AuditActor) async throws -> (token: Token, secret: String) {
        let policy = recorder.policy
        if order.role != Token.selfRole, let problem = policy.refusal(of: order.role, as: .accessRole) {
            throw TokenError.undeclared(problem)
        }
        guard (1...TokenOrder.daysMax).contains(order.days) else { throw TokenError.badDays(max: TokenOrder.daysMax) }
        guard order.addresses.allSatisfy({ AddressRange($0) != nil }) else { throw TokenError.badRange }
        if let limit = order.perMinute, limit < 1 { throw TokenError.badLimit }
        let (kind, holder) = try await pseudonym(of: order)
        let now = clock()
        let token = Token(
            id: Hex.encode(Randomness.bytes(6)), role: order.role, kind: kind, holder: holder.hex, created: now.microseconds,
            expires: now.adding(days: Int64(order.days)).microseconds, addresses: order.addresses, perMinute: order.perMinute)
        let secret = TokenSecret.random()
        // First the entry: a token that works and that the trail does not know must not be.
        try await note("policy.access_granted", .granted, token, by: actor)
        try await desk.put(try encoded(token), at: DeskPlace(Self.collection, secret.digest), replacing: nil)
        return (token, secret.text)
    }

    private func pseudonym(of order: TokenOrder) async throws -> (String, Pseudonym) {
        let kinds = AuditActor.Kind.allCases.filter { $0 != .anonymous && $0 != .system }.map(\.rawValue)
        let subjects = recorder.policy.records.pairs.filter { $0.value.subject == .itself }.map(\.code)
        let known = order.role == Token.selfRole ? subjects : kinds
        guard let slash = order.holder.firstIndex(of: "/") else { throw TokenError.badHolder(known: known) }
        let kind = String(order.holder[..<slash])
        guard known.contains(kind), let person = try? SubjectID(type: kind, id: String(order.holder[order.holder.index(after: slash)...]))
        else { throw TokenError.badHolder(known: known) }
        let standing =
            order.role == Token.selfRole
            ? try await vault.standing(of: person, as: .subject) : try await vault.admit(person, as: .acting)
        switch standing {
        case .active(let pseudonym): return (kind, pseudonym)
        case .erased: throw TokenError.holderErased
        case .unknown: throw TokenError.nothingRecorded
        }
    }

    /// All of them, in no order that says anything.
    package func list() async throws -> [Token] { try await documents().map(\.token) }

    /// From here on it is worth nothing, in every process.
    ///
    /// - Throws: ``TokenError/noSuchToken``
    package func revoke(_ id: String, by actor: AuditActor) async throws {
        guard let found = try await documents().first(where: { $0.token.id == id }) else { throw TokenError.noSuchToken }
        var token = found.token
        // One that is revoked already may not have its entry yet.
        guard token.revoked == nil else { return try await noteRevocation(of: token, by: actor) }
        token.revoked = clock().microseconds
        // First the token, then the entry: what is to be shut is shut at once. A last use that is noted meanwhile is read again.
        do {
            try await desk.put(try encoded(token), at: DeskPlace(Self.collection, found.key), replacing: found.version)
        } catch DeskError.conflict {
            return try await revoke(id, by: actor)
        }
        try await noteRevocation(of: token, by: actor)
    }

    /// Under an id that comes from the token, so that it stands once however often it is tried.
    private func noteRevocation(of token: Token, by actor: AuditActor) async throws {
        guard let revoked = token.revoked else { return }
        let id = EntryID.make(
            at: Timestamp(microseconds: revoked), from: sha256(Array("vestige/token-revoked/v1".utf8) + [0] + Array(token.id.utf8)))
        try await note("policy.access_revoked", .revoked, token, by: actor, id: id)
    }

    /// The token of a secret, be it good or not. It is read anew for each request, so that a revoked one ends at once.
    func find(_ secret: TokenSecret) async throws -> Token? { try await document(of: secret)?.token }

    /// Notes, to the minute, that a token was used. Within the minute nothing is read for it.
    ///
    /// - Parameter token: as it was found for this request.
    func noteUse(of token: Token, _ secret: TokenSecret) async {
        let now = clock()
        guard isStale(token, now), let found = try? await document(of: secret), isStale(found.token, now) else { return }
        var used = found.token
        used.lastUsed = now.microseconds / Self.lastUseGrain * Self.lastUseGrain
        // Whoever changes it meanwhile wins: a revocation must not be written over.
        _ = try? await desk.put(try encoded(used), at: DeskPlace(Self.collection, secret.digest), replacing: found.version)
    }

    private func isStale(_ token: Token, _ now: Timestamp) -> Bool {
        now.microseconds - (token.lastUsed ?? .min / 2) >= Self.lastUseGrain
    }

    private func document(of secret: TokenSecret) async throws -> (token: Token, version: UInt64)? {
        guard let document = try await desk.get(DeskPlace(Self.collection, secret.digest)), let token = Self.decoded(document.content)
        else {
            return nil
        }
        return (token, document.version)
    }

    // MARK: -

    private func note(_ action: String, _ event: Event, _ token: Token, by actor: AuditActor, id: EntryID? = nil) async throws {
        var entry = BuiltInEntry(action: action, event: event.rawValue, actor: actor)
        entry.id = id
        entry.details = ["role": .code(token.role), "token": .code(token.id)]
        _ = try await recorder.record(entry)
    }

    private func documents() async throws -> [(key: String, version: UInt64, token: Token)] {
        var all: [(key: String, version: UInt64, token: Token)] = []
        var last: String?
        while true {
            let page = try await desk.list(Self.collection, after: last, limit: DeskLimits.pageCountMax)
            for document in page {
                if let token = Self.decoded(document.content) { all.append((document.key, document.version, token)) }
            }
            guard page.count == DeskLimits.pageCountMax, let end = page.last else { return all }
            last = end.key
        }
    }

    private func encoded(_ token: Token) throws -> [UInt8] { [UInt8](try JSONEncoder().encode(token)) }

    private static func decoded(_ content: [UInt8]) -> Token? { try? JSONDecoder().decode(Token.self, from: Data(content)) }
}
