import VestigeCrypto
import VestigeRights
import VestigeTrail
import VestigeVault

/// A certificate as plain text, for whoever it is about, and lists of them.
enum CertificateText {
    static func text(_ certificate: Certificate) -> String {
        let facts = certificate.facts
        var text = "CERTIFICATE OF ERASURE\n\n"
        text += Facts.rendered([
            ("case", facts.caseReference), ("erasure", UUIDText.write(facts.erasure)), ("trail", facts.origin),
            ("policy", facts.policy.hex), ("asked by", facts.askedBy.map(account)), ("carried out by", account(facts.finishedBy)),
        ])
        text += section("What was destroyed", destroyed(facts)) + section("When (UTC)", times(certificate))
        text += section("What stays", retained(facts)) + section("Backups", backups(facts.backups, facts.keys))
        text += section("How to check this", check(facts)) + section("What this does not say", limits)
        return text
    }

    static func table(_ kept: KeptCertificates) -> String {
        guard !kept.certificates.isEmpty else { return "0 certificates\n" }
        var table = Table([.text("erasure"), .text("case"), .text("keys"), .text("completed (UTC)"), .number("entry"), .text("kept until")])
        for certificate in kept.certificates {
            let facts = certificate.facts
            table.add([
                UUIDText.write(facts.erasure), facts.caseReference, facts.roles.map(\.code).joined(separator: ", "),
                certificate.completedAt.forPeople, "\(certificate.entry.seq)", day(facts, .caseFile),
            ])
        }
        return table.rendered() + kept.certificates.count.counted("certificate", "certificates") + "\n"
    }

    static func json(_ kept: KeptCertificates) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("total", kept.certificates.count)
            json.number("unreadable", kept.unreadable)
            json.key("certificates")
            json.array { list in
                for certificate in kept.certificates {
                    let facts = certificate.facts
                    list.object { json in
                        json.member("id", UUIDText.write(facts.erasure))
                        json.member("case", facts.caseReference)
                        json.member("roles", facts.roles.map(\.code))
                        json.member("completed_at", certificate.completedAt.description)
                        json.number("completed_seq", Int(clamping: certificate.entry.seq))
                        json.member("kept_until", day(facts, .caseFile))
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func hint(unreadable count: Int) {
        guard count > 0 else { return }
        Output.hint(
            "\(count.counted("file of an erasure", "files of erasures")) cannot be read here, or does not fit the trail: was an older vault or desk put back?"
        )
    }

    // MARK: Sections

    private static func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "\n\(title)\n\(content)"
    }

    private static func account(_ type: String) -> String {
        type == "system" ? "the system" : "an account (\(type)), named under seal in the trail"
    }

    private static func destroyed(_ facts: CertificateFacts) -> String {
        var text = Facts.rendered(
            facts.keys.map { key in
                let wrapped = key.kek.map { ", wrapped under key-encryption key \($0)" } ?? ""
                return ("\(key.role.code) key", CertificateFacts.Key.algorithm + wrapped)
            }, indent: "  ")
        text += paragraph("with \(facts.keys.count == 1 ? "it" : "them"): " + facts.destroyed.dropFirst().map(part).joined(separator: ", "))
        if facts.roles.contains(.subject) {
            text += paragraph("What entries and sealed values say about this person can be read by nobody any more.")
        }
        if facts.roles.contains(.acting) {
            text += paragraph("Who this person was, where entries tell what they did, can be read by nobody any more.")
            if let day = facts.dueDay { text += paragraph("The policy had kept this acting key until \(Timestamp.date(fromDays: day)).") }
        }
        return text
    }

    private static func part(_ code: String) -> String {
        switch code {
        case "identity": "the name under which the key was kept"
        case "directory": "the way from the id to it"
        case "links": "linked ids"
        case "blind_index": "index of sealed values"
        case "record_handles": "handles of the person's records"
        default: code
        }
    }

    private static func times(_ certificate: Certificate) -> String {
        let facts = certificate.facts
        let text = Facts.rendered(
            [
                ("asked", facts.askedAt?.forPeople), ("started", "\(facts.started.at.forPeople), entry \(facts.started.seq)"),
                ("destroyed", facts.destroyedAt?.forPeople ?? "between started and forgotten: the moment was lost with the interruption"),
                ("forgotten", "\(facts.forgottenAt.forPeople), by every process that had the vault open"),
                ("probed", "\(facts.probedAt.forPeople), every way to the keys: none is left"),
                ("completed", "\(certificate.completedAt.forPeople), entry \(certificate.entry.seq)"),
            ], indent: "  ")
        return text + (facts.isResumed ? paragraph("It was interrupted and went on later, under the same id.") : "")
    }

    private static func retained(_ facts: CertificateFacts) -> String {
        var table = Table([.text("what", upTo: 80), .text("until"), .text("why", upTo: 160)])
        for item in facts.retained {
            table.add([what(item), item.until.map(Timestamp.date(fromDays:)) ?? (item.kind == .record ? "with the trail" : nil), why(item)])
        }
        var text = table.rendered(indent: "  ")
        for count in facts.entries {
            let number =
                count.isMore ? "At least \(count.total.grouped) entries bear" : count.total.counted("entry bears", "entries bear")
            text += paragraph(
                "\(number) the pseudonym of the \(count.role.code) key" + (count.isMore ? "; the newest are counted above." : "."))
        }
        return text
            + paragraph(
                "Entries keep times, kinds of acts and a pseudonym that leads to nobody here. The periods are those of the policy in force; for entries the day is when the newest of them has been kept that long."
            )
    }

    private static func what(_ item: CertificateFacts.Retained) -> String {
        let count = (item.count ?? 0).counted("entry", "entries")
        let role = item.role.map { " (\($0.code))" } ?? ""
        return switch item.kind {
        case .entries: "\(count) of \(item.channel ?? "")\(role)"
        case .record: "\(count) about keys and erasures\(role)"
        case .actingKey: "the acting key"
        case .fence: "a keyed hash of the erased ids"
        case .caseFile: "the case reference and this certificate"
        }
    }

    private static func why(_ item: CertificateFacts.Retained) -> String {
        (item.days.map { "\($0.counted("day", "days")) from being recorded: " } ?? "") + (item.because ?? "the policy gives no reason")
    }

    private static func backups(_ backups: CertificateFacts.Backups, _ keys: [CertificateFacts.Key]) -> String {
        let keks = Set(keys.compactMap(\.kek)).sorted().map(String.init).joined(separator: ", ")
        return Facts.rendered(
            [
                (
                    "vault",
                    "kept \(backups.vaultDays.counted("day", "days")): none from before is left after \(Timestamp.date(fromDays: backups.vaultUntil))"
                ),
                (
                    "keyring",
                    "kept \(backups.keyringDays.counted("day", "days")): none from before is left after \(Timestamp.date(fromDays: backups.keyringUntil))"
                ),
            ], indent: "  ")
            + paragraph(
                "Until the vault's day a backup of it could still be opened with key-encryption key \(keks.isEmpty ? "of its time" : keks). A rotation of the keys ends that earlier: from then on only copies of the keyring from before it open such a backup."
            )
    }

    private static func check(_ facts: CertificateFacts) -> String {
        "  vestige certificate verify FILE --key VKEY\n"
            + paragraph(
                "FILE is this certificate as JSON, VKEY the verifier key of \(facts.origin). Take the key from another source than the file."
            )
    }

    private static let limits =
        paragraph(
            "Copies that were made outside of Vestige, entries that were exported before, and devices that keep old blocks are not reached. Whether a destroyed key counts as erasure is for the controller to decide."
        )

    private static func day(_ facts: CertificateFacts, _ kind: CertificateFacts.Retained.Kind) -> String? {
        facts.retained.first { $0.kind == kind }?.until.map(Timestamp.date(fromDays:))
    }

    /// Lines of at most 100 columns.
    private static func paragraph(_ text: String) -> String {
        var lines: [String] = []
        for word in TextWidth.printable(text).split(separator: " ") {
            if let last = lines.last, TextWidth.of(last) + 1 + TextWidth.of(String(word)) <= 100 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append("  " + word)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
