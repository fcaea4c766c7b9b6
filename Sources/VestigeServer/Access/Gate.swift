import Hummingbird
import Logging
import VestigeCore
import VestigeCrypto
import VestigeHummingbird
import VestigePolicy
import VestigeVault

/// Who may pass. Nobody does unless a credential, its addresses, its limit and its role's rights all say so.
struct Gate: Sendable {
    let tenants: [Tenant]
    let limits: RateLimits
    /// Requests a minute of a credential that has no limit of its own.
    let perMinute: Int

    /// - Throws: ``Problem``; nothing was done.
    func access(of request: Request, peer: String?, logger: Logger) async throws -> Access {
        let credential = try credential(in: request)
        // From where no tenant takes requests nobody learns whether a credential is good.
        guard tenants.contains(where: { address(of: request, peer, for: $0) != nil }) else { throw Problem.addressNotAllowed }
        let found = try await known(credential, logger)
        var access = found.access
        guard let address = address(of: request, peer, for: access.tenant),
            access.addresses.isEmpty || access.addresses.contains(address: address)
        else { throw Problem.addressNotAllowed }
        if let seconds = limits.take(access.credential, perMinute: access.perMinute ?? perMinute) { throw Problem.tooManyRequests(seconds) }
        try await passed(found, logger)
        access.actor.ip = address
        access.actor.userAgent = request.headers[.userAgent].map { String($0.prefix(Self.userAgentLengthMax)) }
        return access
    }

    /// Where the one who asks is, if the tenant's policy takes requests from there.
    private func address(of request: Request, _ peer: String?, for tenant: Tenant) -> String? {
        let policy = tenant.policy
        guard let address = ClientAddress.findSurely(peer: peer, request: request, proxies: policy.proxies),
            policy.access.allowedAddresses.contains(address: address)
        else { return nil }
        return address
    }

    /// What a good credential leaves behind, once all else let it pass: when a token was last used, a key for somebody new.
    private func passed(_ found: Found, _ logger: Logger) async throws {
        let tenant = found.access.tenant
        switch found.proof {
        case .token(let token, let secret): await tenant.tokens.noteUse(of: token, secret)
        case .claims(let person):
            // Their acts are sealed under a key of theirs: whoever was erased has none, and asks nothing.
            let standing: Standing
            do {
                standing = try await tenant.vault.admit(person, as: .acting)
            } catch {
                throw Self.unreadable(tenant, error, logger)
            }
            guard case .active = standing else { throw Problem.badCredential }
        }
    }

    /// Somebody whose credential is good, and what it was.
    private struct Found {
        enum Proof {
            case token(Token, TokenSecret)
            case claims(SubjectID)
        }

        let access: Access
        let proof: Proof
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

    /// Where desk or vault cannot be read nobody is let pass, and nobody is told that their credential is bad. What ails one tenant is no other's
    /// trouble.
    private func known(_ credential: Substring, _ logger: Logger) async throws -> Found {
        guard let secret = TokenSecret(credential) else { return try await bearer(of: credential, logger) }
        var trouble: Problem?
        for tenant in tenants {
            do {
                guard let token = try await tenant.tokens.find(secret) else { continue }
                return Found(access: try await access(of: token, in: tenant), proof: .token(token, secret))
            } catch let problem as Problem {
                throw problem
            } catch {
                trouble = Self.unreadable(tenant, error, logger)
            }
        }
        throw trouble ?? Problem.badCredential
    }

    private static func unreadable(_ tenant: Tenant, _ error: any Error, _ logger: Logger) -> Problem {
        logger.error(
            "Credentials cannot be looked up", metadata: ["tenant": "\(tenant.name)", "error": "\(ServiceMiddleware.text(of: error))"])
        return .notAnswered
    }

    /// Somebody whom an identity provider vouches for. Which tenant they belong to its policy says: issuer and audience are that one's alone.
    private func bearer(of credential: Substring, _ logger: Logger) async throws -> Found {
        let trusting = tenants.filter { tenant in
            tenant.issuerKeys != nil && tenant.policy.access.oidc.map { BearerClaims.claims(credential, to: $0) } ?? false
        }
        guard trusting.count == 1, let tenant = trusting.first, let rule = tenant.policy.access.oidc, let keys = tenant.issuerKeys else {
            throw Problem.badCredential
        }
        let claims = try await BearerClaims.verify(credential, by: rule, keys: keys, now: tenant.clock())
        let kind = AuditActor.Kind.user
        guard let person = try? SubjectID(type: kind.rawValue, id: claims.holder) else { throw Problem.badCredential }
        let access = Access(
            tenant: tenant, role: claims.role, rights: tenant.policy.rights(of: claims.role),
            actor: AuditActor(kind, id: person.id, name: claims.name, email: claims.email, session: "OpenID Connect"), subject: nil,
            credential: "\(tenant.name)/oidc/\(sha256(Array(claims.holder.utf8)).hex)", perMinute: nil, addresses: [])
        return Found(access: access, proof: .claims(person))
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
    static let addressNotAllowed = Problem(
        .addressNotAllowed, "The policy, or the credential itself, allows no requests from here. Nothing was done.")

    static func tooManyRequests(_ seconds: Int) -> Problem {
        var problem = Problem(.tooManyRequests, "As many requests were made as may be for now. Nothing was done.")
        problem.retryAfter = seconds
        return problem
    }

    static let badCredential = Problem(
        .credentialInvalid, "The credential is unknown, expired or revoked, or has another form. Nothing was done.")
}
