import CFaultyVFS
import Foundation
import VestigeCrypto
import VestigeTesting
import VestigeVault

@testable import VestigeSQLite

/// One vault on a faulty disk: who was admitted and who erased, at which moments, and what has to hold wherever it is opened again.
final class VaultScene {
    static let now: @Sendable () -> Int64 = { 1_760_000_000_000_000 }
    private static let place = SlotPlace(trail: .random(), entry: .random(), slot: 0)

    struct One {
        let id: String
        let pseudonym: Pseudonym
        let slot: [UInt8]
        let admitted: Int
        /// From here on the key may be gone.
        var asked: Int?
        /// From here on it is.
        var destroyed: Int?
        /// The key as it stood in the file then.
        var wrapped: [UInt8] = []
    }

    /// What a vault said of somebody; from then on it has to stay true.
    struct Answer {
        let one: One
        let isErased: Bool
        /// On the disk of the vault that gave it.
        let moment: Int
        /// Nobody had been told before.
        let isNew: Bool
    }

    let disk: FaultyDisk
    let keyring: TimedKeyring
    private(set) var people: [One] = []
    private(set) var begun: Int?
    private var store: SQLiteVaultStore?
    private var vault: Vault?

    init(on disk: FaultyDisk) throws {
        self.disk = disk
        keyring = try TimedKeyring(now: { disk.moment })
    }

    // MARK: What is done to it

    /// What `vestige init` does with a vault, also after it was cut short; later openings.
    private static func open(
        in directory: String, keyring: TimedKeyring, mayBegin: Bool, sync: (String) throws -> Void
    ) async throws -> (store: SQLiteVaultStore, vault: Vault) {
        let store: SQLiteVaultStore
        do {
            guard mayBegin else { throw SQLiteStoreError.alreadyExists(file: "") }
            store = try SQLiteVaultStore.create(in: directory)
        } catch SQLiteStoreError.alreadyExists {
            store = try SQLiteVaultStore.open(in: directory, sync: sync)
        }
        if mayBegin, try await store.meta() == nil {
            return (store, try await Vault.create(store: store, keyring: keyring, trail: .random(), now: now, slabCapacity: 64))
        }
        return (store, try await Vault.open(store: store, keyring: keyring, now: now, slabCapacity: 64))
    }

    func open() async throws {
        (store, vault) = try await Self.open(in: disk.directory, keyring: keyring, mayBegin: begun == nil, sync: Self.sync(disk))
        if begun == nil { begun = disk.moment }
    }

    func close() throws {
        try store?.close()
        (store, vault) = (nil, nil)
    }

    private var opened: (store: SQLiteVaultStore, vault: Vault) {
        get throws {
            guard let store, let vault else { throw FaultyDisk.Unusable(what: "the vault is not open") }
            return (store, vault)
        }
    }

    func admit(_ id: String) async throws {
        let vault = try opened.vault
        guard case .active(let pseudonym) = try await vault.admit(person(id), as: .subject) else { throw VaultError.personErased }
        let slot = try vault.seal([7], under: pseudonym, role: .subject, at: Self.place)
        people.append(One(id: id, pseudonym: pseudonym, slot: slot, admitted: disk.moment))
    }

    func erase(_ id: String) async throws {
        let (store, vault) = try opened
        guard let number = people.firstIndex(where: { $0.id == id }) else { throw VaultError.unknownPseudonym }
        if people[number].asked == nil {
            people[number].wrapped = try await store.keys([people[number].pseudonym])[0]?.wrappedKey ?? []
            people[number].asked = disk.moment
        }
        guard
            let ticket = try await vault.beginErasure(
                of: [people[number].pseudonym], started: .random(), completed: .random(), erasure: .random())
        else {
            people[number].destroyed = disk.moment
            return
        }
        try await Self.finish(ticket, in: vault) { self.people[number].destroyed = self.disk.moment }
    }

    private static func finish(_ ticket: ErasureTicket, in vault: Vault, whenDestroyed: () -> Void = {}) async throws {
        try await vault.destroyKeys(ticket, fenceUntil: Int(now() / 86_400_000_000) + 90)
        whenDestroyed()
        try await vault.probe(ticket)
        try await vault.finishErasure(ticket)
    }

    func rotate() async throws { _ = try await opened.vault.rotate() }

    /// Whether the store refuses everything, reading too.
    func isStopped() async -> Bool {
        do {
            _ = try await opened.store.counts()
            return false
        } catch { return Failures.isUnconfirmed(error) }
    }

    /// A directory synced by the store itself, not through SQLite.
    static func sync(_ disk: FaultyDisk?) -> (String) throws -> Void {
        { _ in
            do { try disk?.syncDirectory() } catch { throw SQLiteStoreError.unconfirmed(code: 1290) }
        }
    }

    // MARK: What has to hold

    /// Opens what is there, as it was at `moment`, finishes what was under way and admits somebody: nobody lent a hand.
    ///
    /// - Parameters:
    ///   - disk: where `directory` lies, if it may fall again.
    ///   - rotates: whether the KEK is exchanged as well.
    /// - Returns: what was said of everybody who has or had a key.
    func check(
        _ directory: String, at moment: Int, keyring: TimedKeyring, on disk: FaultyDisk? = nil, rotates: Bool, _ problems: inout Problems
    ) async -> [Answer] {
        for one in people where one.destroyed ?? .max <= moment {
            problems.expect(!Self.holds(directory, one.wrapped), "the bytes of a destroyed key are back")
        }
        do {
            let (store, vault) = try await Self.open(
                in: directory, keyring: keyring, mayBegin: begun ?? .max > moment, sync: Self.sync(disk))
            var answers: [Answer] = []
            for one in people {
                guard let (now, isErased) = try await state(of: one, at: moment, in: vault, &problems) else { continue }
                let isNew = isErased ? one.destroyed ?? .max > moment : one.admitted > moment
                answers.append(Answer(one: now, isErased: isErased, moment: disk?.moment ?? 0, isNew: isNew))
            }
            for ticket in try await vault.pendingErasures() { try await Self.finish(ticket, in: vault) }
            if rotates { _ = try await vault.rotate() }
            guard case .active = try await vault.admit(person("new"), as: .subject) else { throw VaultError.personErased }
            try store.close()
            let integrity = try RawDatabase.text("PRAGMA integrity_check", on: directory + "/vault.sqlite")
            problems.expect(integrity == "ok", "\(integrity ?? "")")
            return answers
        } catch {
            problems.add("\(error)")
            return []
        }
    }

    /// Compares what the vault says of somebody with what it acknowledged by `moment`.
    ///
    /// - Returns: the person as they are now, if they have or had a key.
    private func state(of one: One, at moment: Int, in vault: Vault, _ problems: inout Problems) async throws -> (One, isErased: Bool)? {
        let standing = try await vault.standing(of: person(one.id), as: .subject)
        if one.admitted > moment {
            guard case .active(let pseudonym) = standing else { return nil }
            // Nobody was told, so it may be there or not; whoever asks now is told.
            _ = try await vault.load(pseudonym, role: .subject)
            let slot = try vault.seal([7], under: pseudonym, role: .subject, at: Self.place)
            return (One(id: one.id, pseudonym: pseudonym, slot: slot, admitted: 0), false)
        }
        let opened = try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: Self.place)
        let isActive = standing == .active(one.pseudonym) && opened == .plaintext([7])
        let isErased = standing == .erased && opened == .erased
        if one.asked ?? .max >= moment {
            problems.expect(isActive, "somebody acknowledged is \(standing == .unknown ? "unknown" : "erased") or their slot stays shut")
        } else if one.destroyed ?? .max <= moment {
            problems.expect(isErased, "somebody erased is back")
        } else {
            problems.expect(isActive || isErased, "half an erasure")
        }
        return (one, isErased)
    }

    /// What a vault said right before power went holds.
    func check(_ answer: Answer, in directory: String, keyring: TimedKeyring, _ problems: inout Problems) async throws {
        let (store, vault) = try await Self.open(in: directory, keyring: keyring, mayBegin: false, sync: { _ in })
        let opened = try await vault.open(answer.one.slot, under: answer.one.pseudonym, role: .subject, at: Self.place)
        problems.expect(
            opened == (answer.isErased ? .erased : .plaintext([7])),
            "somebody of whom another process had said that they are \(answer.isErased ? "erased" : "known") is not")
        try store.close()
    }

    private static func holds(_ directory: String, _ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return false }
        return names.contains { name in
            FileManager.default.contents(atPath: directory + "/" + name)?.range(of: Data(bytes)) != nil
        }
    }
}
