import VestigeCore
import VestigeCrypto
import VestigeLocal
import VestigeRights
import VestigeTrail
import VestigeVault

/// What the process does until it is killed.
struct Acts: Sendable {
    let vestige: LocalVestige
    let ledger: Ledger
    let society: Society
    /// No other process has it.
    let tag: String
    /// Everybody is of this kind, see ``mint(_:kind:)``; of all kinds in turn if left out.
    var kind: Int?
    /// Over so many living people nobody is added.
    private static let livingMax = 40
    /// So many are left alone by erasures.
    private static let livingMin = 6

    private static let clerk = AuditActor(.user, id: "clerk", name: "Clerk")
    private static let officer = AuditActor(.user, id: "officer", name: "Data Protection Officer")

    // MARK: Records and new people

    func record(rounds: Int) async throws {
        defer { society.end() }
        for number in 0..<rounds {
            if society.livingCount < Self.livingMax { society.add(try await mint(number, kind: kind ?? number % 5)) }
            if let person = society.anybody() { _ = try await recorded(look(at: person.subject)) }
            if let person = society.somebodyErased() { try await lookLate(at: person) }
            // Finishes what the erasing task is in the middle of.
            if number % 15 == 14 { _ = try await Step.$trace.withValue(.ofErasure) { [vestige] in try await vestige.nightly() } }
            // Rows about somebody who is being erased: a note of theirs, an address of theirs.
            if let person = society.somebodyDying(), person.known[.subject] != nil {
                _ = try await recorded(change(of: "late-\(tag)-\(number)", about: person.subject))
                do {
                    _ = try await vestige.values.replace(nil, by: "late-" + person.email, for: person.subject, field: "email") { $0 }
                } catch VaultError.personErased {}
            }
        }
    }

    /// - Parameter kind: 0 with a note, 1 who acts too, 2 of staff, 3 with two identifiers, 4 with an address in the index; others plain.
    func mint(_ number: Int, kind: Int) async throws -> Person {
        var person = try Person((kind == 2 ? "external/" : "user/") + "\(tag)-\(number)")
        _ = try await recorded(look(at: person.subject))
        try await keep(&person, .subject)
        switch kind {
        case 1, 2:
            let actor = AuditActor(kind == 2 ? .external : .user, id: person.subject.id)
            _ = try await recorded(look(at: try Person.subject("user/looked-at"), by: actor))
            try await keep(&person, .acting)
        case 3:
            let login = try Person.subject("login/" + person.subject.id)
            try await patiently { _ = try await vestige.rights.link(person.subject, login, by: Self.officer) }
            ledger.note("linked", person.name, "login/" + person.subject.id)
            person.link = login
        case 4:
            _ = try await vestige.values.replace(nil, by: person.email, for: person.subject, field: "email") { $0 }
            ledger.note("email", person.name)
            person.hasEmail = true
        case 0:
            // First of nobody's, so that it gets an owner later.
            _ = try await recorded(change(of: "note-\(tag)-\(number)", about: nil))
            _ = try await recorded(change(of: "note-\(tag)-\(number)", about: person.subject))
            ledger.note("note", person.name, "note-\(tag)-\(number)")
        default: break
        }
        return person
    }

    /// Writes down whom the vault has, with something sealed for them.
    private func keep(_ person: inout Person, _ role: KeyRole) async throws {
        guard case .active(let pseudonym) = try await vestige.vault.admit(person.subject, as: role) else {
            throw Broken("\(person.name) was not let in")
        }
        let slot = try await sealed(pseudonym, role)
        ledger.note("minted", person.name, role.word, pseudonym.hex, slot.hexadecimal)
        person.known[role] = Person.Known(pseudonym: pseudonym, slot: slot)
    }

    private func sealed(_ pseudonym: Pseudonym, _ role: KeyRole) async throws -> [UInt8] {
        for _ in 0..<100 {
            do {
                return try vestige.vault.seal(Person.secret, under: pseudonym, role: role, at: Inspection.place)
            } catch VaultError.keyNotLoaded {
                _ = try await vestige.vault.load(pseudonym, role: role)
            }
        }
        throw Broken("a key was never there")
    }

    private func recorded(_ entry: Entry) async throws -> Receipt { try await patiently { try await vestige.recorder.record(entry) } }

    /// As a caller who is told to try again: here keys are destroyed and rotated without a pause.
    private func patiently<Result>(_ work: () async throws -> Result) async throws -> Result {
        for _ in 0..<5 {
            do { return try await work() } catch RecordingError.unavailable {} catch RightsError.linkedUnrecorded {}
        }
        return try await work()
    }

    private func look(at subject: SubjectID, by actor: AuditActor = clerk) -> Entry {
        Entry(
            id: EntryID.make(at: LocalVestige.systemClock()), event: "read", actor: actor, record: RecordReference(subject),
            fields: ["name"], purpose: "support",
            page: "/\(subject.type)/\(subject.id)")
    }

    private func change(of note: String, about subject: SubjectID?) -> Entry {
        Entry(
            event: "updated", actor: Self.clerk, record: RecordReference(type: "note", id: note),
            subjects: subject.map { [EntrySubject($0)] } ?? [], page: "/notes")
    }

    private func lookLate(at person: Person) async throws {
        guard person.known[.subject]?.state == .erased else { return }
        let receipt = try await recorded(look(at: person.subject))
        guard let body = try await vestige.trail.entries([receipt.seq]).first?.body else { throw Broken("a late entry is not there") }
        let header = try Header(decoding: body.header)
        guard header.subjects.isEmpty, header.record?.handle == nil, header.details["erased_subjects"] == .integer(1) else {
            throw Broken("a late entry says more of \(person.name) than that somebody is erased")
        }
    }

    // MARK: Erasures

    /// Until nobody is minted any more.
    func erase() async throws {
        while !society.isOver {
            guard society.livingCount > Self.livingMin, var victim = society.takeVictim() else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            let hasActing = victim.known[.acting]?.state == .living
            let role: ErasureRole = [.both, .both, .subject, hasActing ? .acting : .both].randomElement() ?? .both
            // Staff of whom nothing but the acting key lives.
            let isActingOnly = victim.known[.subject]?.state == .erased
            try await erase(&victim, isActingOnly ? .acting : role)
            society.giveBack(victim)
        }
    }

    private func erase(_ victim: inout Person, _ role: ErasureRole) async throws {
        let defers = role == .both && victim.isStaff
        let roles: [KeyRole] =
            switch role {
            case .acting: [.acting]
            case .subject: [.subject]
            case .both: defers ? [.subject] : [.subject, .acting]
            }
        let words = roles.map(\.word).joined(separator: ",")
        ledger.note("erase", victim.name, words, defers ? "defer" : "now")
        let identifier = [victim.link, nil].randomElement() ?? nil
        let order = ErasureOrder(
            subject: identifier ?? victim.subject, role: role, caseReference: "K-1", purpose: "support", actor: Self.officer)
        do {
            let erasure = try await Step.$trace.withValue(.ofErasure) { [rights = vestige.rights] in try await rights.erase(order) }
            if defers {
                if let due = erasure.deferredUntil {
                    ledger.note("due", victim.name, String(due))
                } else if case .active = try await vestige.vault.standing(of: victim.subject, as: .acting) {
                    throw Broken("\(victim.name)'s acting key was not deferred")
                }
            }
        } catch RightsError.alreadyErased, RightsError.roleFenced, RightsError.finishedEarlier {
            // By another process, which took the same one, perhaps in one role only.
            for role in roles where victim.known[role] != nil { ledger.note("erased", victim.name, role.word) }
            for role in roles { victim.known[role]?.state = .erased }
            return
        } catch RightsError.unknownPerson, RightsError.actingKeyOnly, RightsError.unfinished {
            // Left in doubt: whoever looks next finds out.
            return
        }
        ledger.note("erased", victim.name, words)
        for role in roles { victim.known[role]?.state = .erased }
    }

    // MARK: Rotations

    /// Until nobody is minted any more: the vault's key, and each fifth time the key that signs.
    func rotate() async throws {
        for number in 1... {
            guard !society.isOver else { return }
            if number % 5 == 0 {
                // Another process may be quicker.
                do { _ = try await vestige.rotateSigningKey(by: Self.officer) } catch TrailError.keyChanged {}
            } else {
                _ = try await Step.$trace.withValue(.ofRotation) { [vestige] in try await vestige.rotateKeys(by: Self.officer) }
            }
            try await Task.sleep(for: .milliseconds(.random(in: 0...8)))
        }
    }
}
