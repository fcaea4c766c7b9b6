import Foundation
public import VestigeTrail

/// Somebody outside who is shown each checkpoint and signs that it is consistent with every one before (C2SP tlog-witness).
public struct Witness: Sendable, Equatable {
    public let key: WitnessKey
    /// The submission prefix, without a slash at its end.
    public let url: String

    public var name: String { key.name }

    /// - Throws: ``TrailError/malformedWitnessKey(_:)``, ``WitnessError/url``
    public init(vkey: String, url: String) throws {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        // It stands in the trail in clear, for good, and something is put behind it: no name and password, no query.
        guard !url.contains(where: { "@?#\\".contains($0) }), let parts = URLComponents(string: url, encodingInvalidCharacters: false),
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil, parts.host?.isEmpty == false,
            parts.port.map({ (1...65_535).contains($0) }) ?? true, Self.hasPlainPort(url)
        else { throw WitnessError.url }
        try self.init(recorded: vkey, url: url)
    }

    /// One that stands in the trail, by what was asked of an address when it was added.
    init(recorded vkey: String, url: String) throws {
        key = try WitnessKey(vkey)
        let isPlain = url.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        guard isPlain, url.hasPrefix("https://") || url.hasPrefix("http://"), URL(string: url)?.host?.isEmpty == false else {
            throw WitnessError.url
        }
        self.url = url
    }

    /// What stands behind the last colon of the authority is a number from 1, or there is none.
    private static func hasPlainPort(_ url: String) -> Bool {
        let authority = url.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"), authority.last != "]" else { return true }
        return Int(authority[authority.index(after: colon)...]).map { (1...65_535).contains($0) } ?? false
    }

    var addCheckpointURL: String { url + "/add-checkpoint" }
}

/// How a request reaches a witness. The program brings one; a host that wants to submit by itself brings its own.
public protocol WitnessTransport: Sendable {
    /// Posts `body`, follows no redirect, takes at most 64 KiB in answer and gives up after 30 s or so.
    ///
    /// - Throws: when there is no answer; the error's text is shown.
    func post(_ body: String, to url: String) async throws -> WitnessAnswer
}

public struct WitnessAnswer: Sendable, Equatable {
    public let status: Int
    public let body: String

    public init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}

/// Why nothing was asked of a witness.
public enum WitnessError: Error, Sendable, Equatable {
    case url
    case known(String)
    case unknown(String)
    case none
}

extension WitnessError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .url:
            "a witness's address is its submission prefix, https://… or http://…, without name and password, query or fragment, and with a port from 1 to 65535 if any; nothing was changed"
        case .known(let name): "the witness \(name) is known already; nothing was changed, remove it first to give it another address"
        case .unknown(let name): "there is no witness \(name); nothing was changed, `vestige witness list` shows them"
        case .none: "no witness is known, so nobody was asked; add one with `vestige witness add`"
        }
    }
}
