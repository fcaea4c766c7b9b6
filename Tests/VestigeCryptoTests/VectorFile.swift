import Foundation
import VestigeCrypto

/// Test vectors as files: a selection beside the tests, and the full sets where the checkout stands beside `shared/vectors`.
enum VectorFile {
    static func committed(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(name)"))
    }

    /// `nil`, said aloud, where the full sets are not there.
    static func full(_ name: String) throws -> Data? {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../../shared/vectors/\(name)").standardizedFileURL
        guard FileManager.default.fileExists(atPath: file.path) else {
            print("SKIPPED: the full vectors of \(name) are not at \(file.path); only the committed selection was run")
            return nil
        }
        return try Data(contentsOf: file)
    }

    static func bytes(_ hex: String) -> [UInt8] { Hex.decode(hex, byteCount: hex.utf8.count / 2) ?? [] }
}

struct AEADVectors: Decodable {
    struct Group: Decodable {
        let ivSize: Int
        let tests: [Case]
    }
    struct Case: Decodable {
        let tcId: Int
        let key, iv, aad, msg, ct, tag, result: String
    }
    let testGroups: [Group]

    /// Ids of the cases that came out otherwise than the file says.
    func failures() -> [Int] {
        testGroups.flatMap(\.tests).filter { !$0.holds }.map(\.tcId)
    }
    var count: Int { testGroups.reduce(0) { $0 + $1.tests.count } }
}

extension AEADVectors.Case {
    var holds: Bool {
        let (key, iv, aad, message) = (VectorFile.bytes(key), VectorFile.bytes(iv), VectorFile.bytes(aad), VectorFile.bytes(msg))
        let box = VectorFile.bytes(ct) + VectorFile.bytes(tag)
        return key.withUnsafeBytes { key in
            let opened = try? AEAD.open(box, key: key, nonce: iv, aad: aad)
            guard result == "valid" else { return opened == nil }
            return opened == message && AEAD.seal(message, key: key, nonce: iv, aad: aad) == box
        }
    }
}

struct SignatureVectors: Decodable {
    struct PublicKey: Decodable { let pk: String }
    struct Case: Decodable {
        let tcId: Int
        let msg, sig, result: String
    }
    struct Group: Decodable {
        let publicKey: PublicKey
        let tests: [Case]
    }
    let testGroups: [Group]

    func failures() -> [Int] {
        testGroups.flatMap { group in
            group.tests.filter { test in
                guard let key = Bytes32(hex: group.publicKey.pk) else { return true }
                let valid = Ed25519.verify(signature: VectorFile.bytes(test.sig), message: VectorFile.bytes(test.msg), publicKey: key)
                return valid != (test.result == "valid")
            }.map(\.tcId)
        }
    }
    var count: Int { testGroups.reduce(0) { $0 + $1.tests.count } }
}

struct KeyedHashVectors: Decodable {
    struct Case: Decodable {
        let count: Int
        let hash: String
    }
    let cases: [Case]
}
