import Foundation
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeVault

/// Single bits of a vault's file, anywhere. Columns such as `held` and the lookups of fences are not authenticated, so a vault cannot name every
/// flip; but no flip may lead to another person, or bring back one who was erased.
@Suite("Single bits of a vault's file")
struct VaultFlipTests {
    private enum Outcome: Hashable {
        /// Everybody is who they were.
        case same
        /// It does not open, or says at use that a row is damaged.
        case refused
        /// Somebody is not known any more, and is not somebody else.
        case forgotten
    }

    private struct WrongPerson: Error {}

    @Test("A flip never opens the wrong person, and brings nobody back")
    func neverTheWrongPerson() async throws {
        let bench = try await RotationBench(living: 12, erased: 4)
        let copy = try bench.copy()
        let original = try Data(contentsOf: URL(filePath: bench.data + "/vault.sqlite"))
        var flips = SystemRandomNumberGenerator()
        let count = ProcessInfo.processInfo.environment["VESTIGE_FLIPS"].flatMap { Int($0) } ?? 30
        var tally: [Outcome: Int] = [:]
        for _ in 0..<count {
            var bytes = original
            let (byte, bit) = (Int.random(in: 0..<bytes.count, using: &flips), Int.random(in: 0..<8, using: &flips))
            bytes[byte] ^= 1 << UInt8(bit)
            for name in try FileManager.default.contentsOfDirectory(atPath: copy.data) {
                try FileManager.default.removeItem(atPath: copy.data + "/" + name)
            }
            try bytes.write(to: URL(filePath: copy.data + "/vault.sqlite"))
            do {
                tally[try await outcome(copy), default: 0] += 1
            } catch is WrongPerson {
                Issue.record("byte \(byte) bit \(bit) led to the wrong person")
            } catch {
                tally[.refused, default: 0] += 1
            }
        }
        print(
            "bit flips, vault, \(original.count) bytes: \(count) = \(tally[.same] ?? 0) same + \(tally[.refused] ?? 0) refused + "
                + "\(tally[.forgotten] ?? 0) forgotten")
    }

    private func outcome(_ bench: RotationBench) async throws -> Outcome {
        let store = try SQLiteVaultStore.open(in: bench.data)
        defer { try? store.close() }
        let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now, slabCapacity: 256)
        var outcome = Outcome.same
        func note(_ isSame: Bool) { if !isSame, outcome == .same { outcome = .forgotten } }
        /// A refusal about one person says nothing of the others.
        func asking(_ body: () async throws -> Void) async throws {
            do { try await body() } catch let error as WrongPerson { throw error } catch { outcome = .refused }
        }
        for one in bench.living {
            try await asking {
                switch try await vault.standing(of: person(one.id), as: .subject) {
                case .active(let pseudonym): guard pseudonym == one.pseudonym else { throw WrongPerson() }
                case .erased, .unknown: note(false)
                }
            }
            try await asking {
                let found = try await vault.resolve(one.pseudonym)
                guard try found == nil || found == person(one.id) else { throw WrongPerson() }
                note(found != nil)
            }
            try await asking {
                switch try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: bench.place) {
                case .plaintext(let bytes): guard bytes == [7] else { throw WrongPerson() }
                default: note(false)
                }
            }
        }
        for one in bench.erased {
            try await asking {
                switch try await vault.standing(of: person(one.id), as: .subject) {
                case .active: throw WrongPerson()
                case .erased: break
                case .unknown: note(false)
                }
            }
            try await asking { guard try await vault.resolve(one.pseudonym) == nil else { throw WrongPerson() } }
            try await asking {
                if case .plaintext = try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: bench.place) {
                    throw WrongPerson()
                }
            }
        }
        return outcome
    }
}
