import Hummingbird
import VestigeCore
import VestigeCrypto
import VestigeHummingbird
import VestigePolicy
import VestigeVault

/// Who may pass. Nobody does unless a credential, its addresses, its limit and its role's rights all say so.
struct Gate: Sendable {
    let tenants: [Tenant]
    let limits = RateLimits()
    /// Requests a minute of a credential that has no limit of its own.
    let perMinute: Int

    /// - Throws: ``Problem``; nothing was done.
    func access(of request: Request, peer: String?) async throws -> Access {
        var access = try await known(try credential(in: request))
        let policy = access.tenant.policy
        let address = ClientAddress.find(peer: peer, request: request, proxies: policy.proxies)
        guard let address, policy.access.allowedAddresses.contains(address: address),
            access.addresses.isEmpty || access.addresses.contains(address: address)
        else { throw Problem(.addressNotAllowed, "The policy, or the credential itself, allows no requests from here. Nothing was done.") }
        if let seconds = limits.take(access.credential, perMinute: access.perMinute ?? perMinute) {
            var problem = Problem(.tooManyRequests, "This credential has made as many requests as it may for now. Nothing was done.")
            problem.retryAfter = seconds
            throw problem
        }
        access.actor.ip = address
        access.actor.userAgent = request.headers[.userAgent].map { String($0.prefix(Self.userAgentLengthMax)) }
        return access
    }

    private static let userAgentLengthMax = 256

    private func credential(in request: Request) throws(Problem) -> Substring {
        let values = request.headers[values: .authorization]
        guard let value = values.first else {
            throw Problem(.credentialMissing, "Send a token in the header Authorization, after \"Bearer \". Nothing was done.")
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else { throw .badCredential }
        return parts[1]
    }

    /// Where desk or vault cannot be read nobody is let pass, and nobody is told that their credential is bad.
    private func known(_ credential: Substring) async throws -> Access {
        do {
            return try await holder(of: credential)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem.notAnswered
        }
    }

    private func holder(of credential: Substring) async throws -> Access {
        guard let secret = TokenSecret(credential) else { return try await bearer(of: credential) }
        for tenant in tenants {
            guard let token = try await tenant.tokens.find(secret) else { continue }
            return try await access(of: token, in: tenant)
        }
        throw Problem.badCredential
    }

    /// Somebody whom an identity provider vouches for. Which tenant they belong to its policy says: issuer and audience are that one's alone.
    private func bearer(of credential: Substring) async throws -> Access {
        let trusting = tenants.filter { tenant in
            tenant.issuerKeys != nil && tenant.policy.access.oidc.map { BearerClaims.claims(credential, to: $0) } ?? false
        }
        guard trusting.count == 1, let tenant = trusting.first, let rule = tenant.policy.access.oidc, let keys = tenant.issuerKeys else {
            throw Problem.badCredential
        }
        let claims = try await BearerClaims.verify(credential, by: rule, keys: keys, now: tenant.clock())
        let kind = AuditActor.Kind.user
        // Their acts are sealed under a key of theirs: whoever was erased has none, and asks nothing.
        guard let person = try? SubjectID(type: kind.rawValue, id: claims.holder),
            case .active = try await tenant.vault.admit(person, as: .acting)
        else { throw Problem.badCredential }
        return Access(
            tenant: tenant, role: claims.role, rights: tenant.policy.rights(of: claims.role),
            actor: AuditActor(kind, id: person.id, name: claims.name, email: claims.email, session: "OpenID Connect"), subject: nil,
            credential: "\(tenant.name)/oidc/\(sha256(Array(claims.holder.utf8)).hex)", perMinute: nil, addresses: [])
    }

    /// Why a token is not good is not told: who tries tokens learns nothing of them.
    private func access(of token: Token, in tenant: Tenant) async throws -> Access {
        guard token.isGood(at: tenant.clock()), let pseudonym = Pseudonym(hex: token.holder),
            let person = try await tenant.vault.resolve(pseudonym)
        else { throw Problem.badCredential }
        let addresses = token.addresses.map { AddressRange($0) }
        guard !addresses.contains(nil) else { throw Problem.badCredential }
        let kind = AuditActor.Kind(rawValue: token.kind) ?? .external
        return Access(
            tenant: tenant, role: token.role, rights: token.isSelf ? [] : tenant.policy.rights(of: token.role),
            actor: AuditActor(kind, id: person.id, session: "token \(token.id)"), subject: token.isSelf ? person : nil,
            credential: "\(tenant.name)/\(token.id)", perMinute: token.perMinute, addresses: addresses.compactMap { $0 })
    }
}

extension Problem {
    static let badCredential = Problem(
        .credentialInvalid, "The credential is unknown, expired or revoked, or has another form. Nothing was done.")
}
