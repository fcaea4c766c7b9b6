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
        key = try WitnessKey(vkey)
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        let isPlain = url.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        guard isPlain, url.hasPrefix("https://") || url.hasPrefix("http://"), URL(string: url)?.host?.isEmpty == false else {
            throw WitnessError.url
        }
        self.url = url
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
        case .url: "a witness's address is its submission prefix, https://… or http://…; nothing was changed"
        case .known(let name): "the witness \(name) is known already; nothing was changed, remove it first to give it another address"
        case .unknown(let name): "there is no witness \(name); nothing was changed, `vestige witness list` shows them"
        case .none: "no witness is known, so nobody was asked; add one with `vestige witness add`"
        }
    }
}
