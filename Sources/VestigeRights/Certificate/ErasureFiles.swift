import VestigeCrypto
import VestigeDesk
import VestigeTrail
import VestigeVault

/// Where erasures keep their files: documents of the desk, each sealed under a key of its own, of role `case`, which the vault finds by the
/// erasure's id. So neither desk nor vault shows which erasures belong to one case, and the file ends with its key (Docs/Decisions/0028).
struct ErasureFiles {
    static let collection = "erasures"
    /// What is to be known on the due day of an acting key, by its pseudonym, sealed under that very key.
    static let deferrals = "deferrals"
    private static let keyType = "erasure"

    let desk: any DeskStore
    let vault: Vault
    let trail: Bytes16
    /// The trails that it goes on from: what was sealed while they were the present one opens under their ids.
    var older: [Bytes16] = []

    /// A document as it was found; `file` is `nil` where there is none, or where it cannot be read here.
    struct Found {
        var file: ErasureFile?
        var version: UInt64?
    }

    func find(_ erasure: Bytes16) async throws -> Found {
        guard let document = try await desk.get(place(erasure)) else { return Found() }
        return Found(file: try await open(document.content, of: erasure), version: document.version)
    }

    /// Changes the file of an erasure, which is made if there is none. `change` may be called more than once.
    ///
    /// - Parameter keptUntil: the day (since 1970) on which a new file's key is to be destroyed.
    /// - Returns: the file as it is now; `nil` if its key is gone, because its time is over.
    @discardableResult
    func update(
        _ erasure: Bytes16, keptUntil: Int, _ change: (ErasureFile?) async throws -> ErasureFile
    ) async throws -> ErasureFile? {
        for await _ in Attempts() {
            let found = try await find(erasure)
            var file = try await change(found.file)
            if file == found.file { return file }
            let subject = try key(erasure)
            guard case .active(let pseudonym) = try await vault.admit(subject, as: .caseFile) else { return nil }
            if found.file?.fileUntil == nil {
                file.fileUntil = try await vault.deferErasure(of: subject, role: .caseFile, dueDay: keptUntil)?.dueDay
            }
            let sealed = try await vault.sealLoading(file.encoded(), under: pseudonym, role: .caseFile, at: slot(erasure))
            guard let sealed else { return nil }
            do {
                try await desk.put(sealed, at: place(erasure), replacing: found.version)
                return file
            } catch DeskError.conflict {
                // Somebody else is finishing the same erasure: what they wrote is read, and counts.
            }
        }
        throw VaultError.unsettled
    }

    func remove(_ erasure: Bytes16) async throws { try await remove(place(erasure)) }

    /// Every file, ascending by erasure; `nil` for one that cannot be read here.
    func all() async throws -> [(erasure: Bytes16, file: ErasureFile?)] {
        var files: [(Bytes16, ErasureFile?)] = []
        var last: String?
        while true {
            let page = try await desk.list(Self.collection, after: last, limit: DeskLimits.pageCountMax)
            guard let end = page.last else { return files }
            for document in page {
                guard let erasure = UUIDText.read(document.key) else { continue }
                files.append((erasure, try await open(document.content, of: erasure)))
            }
            last = end.key
        }
    }

    /// The erasure whose file a key of role `case` seals; `nil` if the key is gone or for something else.
    func erasure(ofKey pseudonym: Pseudonym) async throws -> Bytes16? {
        guard let subject = try await vault.resolve(pseudonym), subject.type == Self.keyType else { return nil }
        return UUIDText.read(subject.id)
    }

    // MARK: Acting keys that wait

    /// What was asked about an acting key that waits. The first to ask counts, as with the day; where no day was set, a crash or a refusal cut
    /// the first one short.
    ///
    /// - Returns: whether it was written now.
    @discardableResult
    func keep(_ file: ErasureFile, forDueKey pseudonym: Pseudonym) async throws -> Bool {
        let place = DeskPlace(Self.deferrals, pseudonym.hex)
        let known = try await desk.get(place)
        if known != nil, try await vault.dueDay(of: pseudonym) != nil { return false }
        guard let sealed = try await vault.sealLoading(file.encoded(), under: pseudonym, role: .acting, at: slot(pseudonym)) else {
            return false
        }
        do { try await desk.put(sealed, at: place, replacing: known?.version) } catch DeskError.conflict { return false }
        return true
    }

    func file(forDueKey pseudonym: Pseudonym) async throws -> ErasureFile? {
        guard let document = try await desk.get(DeskPlace(Self.deferrals, pseudonym.hex)) else { return nil }
        return try await open(document.content, under: pseudonym, role: .acting, of: pseudonym)
    }

    func remove(forDueKey pseudonym: Pseudonym) async throws { try await remove(DeskPlace(Self.deferrals, pseudonym.hex)) }

    // MARK: Documents

    private func place(_ erasure: Bytes16) -> DeskPlace { DeskPlace(Self.collection, UUIDText.write(erasure)) }
    private func key(_ erasure: Bytes16) throws -> SubjectID { try SubjectID(type: Self.keyType, id: UUIDText.write(erasure)) }

    private func open(_ content: [UInt8], of erasure: Bytes16) async throws -> ErasureFile? {
        guard case .active(let pseudonym) = try await vault.standing(of: key(erasure), as: .caseFile) else { return nil }
        return try await open(content, under: pseudonym, role: .caseFile, of: erasure)
    }

    /// In place of an entry's id stands the erasure's, or the pseudonym that waits.
    private func slot(_ name: Bytes16, in trail: Bytes16? = nil) -> SlotPlace {
        SlotPlace(trail: trail ?? self.trail, entry: name, slot: 0)
    }

    /// A document that does not open, or is none of ours, is as good as none: an erasure must not wait for it.
    private func open(_ content: [UInt8], under pseudonym: Pseudonym, role: KeyRole, of name: Bytes16) async throws -> ErasureFile? {
        for trail in [trail] + older {
            do {
                guard case .plaintext(let bytes) = try await vault.open(content, under: pseudonym, role: role, at: slot(name, in: trail))
                else { return nil }
                return try ErasureFile(decoding: bytes)
            } catch VaultError.slotDamaged {
                continue
            } catch VaultError.unknownPseudonym, VaultError.wrongRole {
                return nil
            } catch is TrailError {
                return nil
            }
        }
        return nil
    }

    private func remove(_ place: DeskPlace) async throws {
        for await _ in Attempts() {
            guard let document = try await desk.get(place) else { return }
            do { return try await desk.delete(place, version: document.version) } catch DeskError.conflict { continue }
        }
        throw VaultError.unsettled
    }
}
