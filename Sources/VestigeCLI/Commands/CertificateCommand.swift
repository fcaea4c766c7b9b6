import ArgumentParser
import Foundation
import VestigeCrypto
import VestigeLocal
import VestigeRights
import VestigeTrail

struct CertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Checks the certificate of an erasure, or gives a kept one again.",
        subcommands: [Verify.self, Show.self, List.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a certificate's file with nothing but the trail's verifier key.",
            discussion: """
                Needs no data directory and no network: the checkpoint's signature, the entry's place in the tree, the entry against its leaf, \
                the body against the hash that the entry holds, and what the body says against the entry. Findings name what does not hold. \
                Exit 1 when the certificate is broken.

                Take the key from another source than the file: what was noted when the trail was made, or `vestige status` there.
                """)

        @Argument(help: ArgumentHelp("The certificate, as `vestige erase --json` gave it.", valueName: "file"))
        var file: String

        @Option(name: .long, help: ArgumentHelp("The trail's verifier key: name+key id+key.", valueName: "vkey"))
        var key: String

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The entry of a change of the signing key (`vestige prove SEQ --json`), if the certificate is from before it.",
                valueName: "file"))
        var change: [String] = []

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let verifierKey: VerifierKey
            do throws(TrailError) {
                verifierKey = try VerifierKey(key.trimmingCharacters(in: .whitespacesAndNewlines))
            } catch {
                throw Failure.usage("--key: \(error)")
            }
            let report = Certificate.check(try Self.read(file), by: verifierKey, changes: try change.map(Self.read))
            Output.text(json ? CertificateReportText.json(report) + "\n" : CertificateReportText.text(report))
            guard report.verdict == .intact else { throw Failure.findings }
        }

        private static func read(_ file: String) throws -> [UInt8] {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure.usage("\(file) cannot be read; nothing was checked")
            }
            return [UInt8](data)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives the certificates of a case, or of one erasure, again.",
            discussion: """
                They are kept until the policy's cases.keep is over. Each has the body that it always had, with a proof under the newest \
                checkpoint. The question is recorded. With --json each certificate is one line.
                """)

        @Argument(help: ArgumentHelp("The erasure's id; or give --case.", valueName: "erasure"))
        var erasure: String?

        @Option(name: .customLong("case"), help: ArgumentHelp("The case that the erasure was for.", valueName: "ref"))
        var caseReference: String?

        @Flag(
            name: .long,
            help: "With the entry's header, which names the pseudonym: only for somebody who may see the trail.")
        var withHeader = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var why: PurposeOption
        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let question: CertificateQuestion
            switch (erasure, caseReference) {
            case (let text?, nil):
                guard let id = UUIDText.read(text) else { throw Failure.usage("an erasure's id is a UUID") }
                question = .erasure(id)
            case (nil, let reference?): question = .caseReference(reference)
            default: throw Failure.usage("give either an erasure's id or --case")
            }
            let kept = try await location.open { vestige in
                let purpose = try why.code(of: vestige.policy)
                return try await vestige.rights.certificates(
                    question, withHeader: withHeader, by: Environment.account(), purpose: purpose)
            }
            if json {
                for certificate in kept.certificates { Output.bytes(certificate.json() + [0x0A]) }
            } else {
                Output.text(kept.certificates.map(CertificateText.text).joined(separator: "\n"))
            }
            CertificateText.hint(unreadable: kept.unreadable)
            guard kept.certificates.isEmpty else { return }
            throw Failure.refused(
                "there is no certificate of that erasure here",
                hint:
                    "none is kept once cases.keep is over, and an erasure that a restore repeated makes none; `vestige certificate list` shows all"
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the certificates that are kept.", discussion: "The question is recorded.")

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var why: PurposeOption
        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let kept = try await location.open { vestige in
                let purpose = try why.code(of: vestige.policy)
                return try await vestige.rights.certificates(.all, by: Environment.account(), purpose: purpose)
            }
            Output.text(json ? CertificateText.json(kept) + "\n" : CertificateText.table(kept))
            CertificateText.hint(unreadable: kept.unreadable)
        }
    }
}
