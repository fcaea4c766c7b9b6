import Foundation
import JWTKit

/// The public keys of an identity provider (a JWK set, RFC 7517), read again when they are old or a token names one that is not among them.
actor IssuerKeys {
    private struct Known {
        let collection: JWTKeyCollection
        let names: Set<String>
        let at: ContinuousClock.Instant
    }

    private static let freshFor = Duration.seconds(15 * 60)
    /// For so long they serve on if they cannot be read again.
    private static let usableFor = Duration.seconds(60 * 60)
    /// Nobody makes the service ask more often, whatever tokens they send.
    private static let pause = Duration.seconds(30)

    private let read: @Sendable () async throws -> [UInt8]
    private let now: @Sendable () -> ContinuousClock.Instant
    private var known: Known?
    private var lastTry: ContinuousClock.Instant?

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, read: @escaping @Sendable () async throws -> [UInt8]) {
        self.read = read
        self.now = now
    }

    /// - Throws: ``Problem``: 503, when there are no keys that could say whether a token is good.
    func collection(for name: String?) async throws -> JWTKeyCollection {
        if isDue(for: name), lastTry.map({ now() - $0 >= Self.pause }) ?? true {
            lastTry = now()
            if let fresh = try? await Self.parse(try await read(), at: now()) { known = fresh }
        }
        guard let known, now() - known.at < Self.usableFor else {
            var problem = Problem(
                .unavailable, "The identity provider's keys cannot be read, so nobody's token can be checked. Try again later.")
            problem.retryAfter = 30
            throw problem
        }
        return known.collection
    }

    private func isDue(for name: String?) -> Bool {
        guard let known, now() - known.at < Self.freshFor else { return true }
        return name.map { !known.names.contains($0) } ?? false
    }

    /// Keys of a kind that is not known here, or that are for encrypting, are left out.
    private static func parse(_ bytes: [UInt8], at time: ContinuousClock.Instant) async throws -> Known {
        let keys = try JSONDecoder().decode(KeySet.self, from: Data(bytes)).keys.filter { $0.use ?? "sig" == "sig" }.compactMap(\.key)
        let collection = JWTKeyCollection()
        var names: Set<String> = []
        for key in keys {
            guard let name = key.keyIdentifier else { continue }
            try await collection.add(jwk: key)
            names.insert(name.string)
        }
        guard !names.isEmpty else { throw JWTError.invalidJWK(reason: "no usable key") }
        return Known(collection: collection, names: names, at: time)
    }

    private struct KeySet: Decodable {
        let keys: [Item]
    }

    private struct Item: Decodable {
        private enum CodingKeys: String, CodingKey { case use }

        let key: JWK?
        let use: String?

        init(from decoder: any Decoder) throws {
            key = try? JWK(from: decoder)
            use = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
        }
    }
}
