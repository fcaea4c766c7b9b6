import ArgumentParser
import VestigeCore
import VestigeLocal
import VestigePolicy
import VestigeRights
import VestigeVault

struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erases a person: destroys their keys. It cannot be undone.",
        discussion: """
            What the trail said about them can no longer be read by anybody; the acts, their times and the pseudonym stay, and the trail \
            still verifies. With both, the acting key of staff waits for its due day where the policy says so; acting destroys it at once.

            The certificate is printed after what was done, and kept: `vestige certificate show` gives it again. With --json it is printed \
            as JSON, which `vestige certificate verify` checks.
            """)

    @Argument(help: ArgumentHelp("TYPE/ID of the person, such as user/42.", valueName: "person"))
    var person: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case this belongs to.", valueName: "ref"))
    var caseReference: String

    @Option(name: .long, help: ArgumentHelp("subject (what records say about them), acting (what they did) or both.", valueName: "role"))
    var role: String = ErasureRole.both.rawValue

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Option(
        name: .customLong("certificate"),
        help: ArgumentHelp("Also writes the certificate's JSON into this new file, for its owner alone to read.", valueName: "file"))
    var certificateFile: String?

    @Flag(name: .long, help: "Print the certificate as JSON.")
    var json = false

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        guard let role = ErasureRole(rawValue: role) else {
            throw Failure.usage("--role: known are \(ErasureRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let subject = try PersonCommand.subject(person)
        if let certificateFile { try PrivateOutput.checkUnused(certificateFile) }
        let erasure = try await location.open { vestige in
            let purpose = try why.code(of: vestige.policy)
            guard yes else {
                Output.hint(plan(role, vestige.policy))
                let others = try await vestige.rights.otherIdentifiers(
                    of: subject, caseReference: caseReference, by: Environment.account(), purpose: purpose)
                if !others.isEmpty {
                    Output.hint(
                        "this person has other identifiers, which are erased too: \(others.map(PersonCommand.text).joined(separator: ", "))"
                    )
                }
                throw Failure.usage("nothing was erased", hint: "give --yes to erase; it cannot be undone")
            }
            var order = ErasureOrder(
                subject: subject, role: role, caseReference: caseReference, purpose: purpose, actor: Environment.account())
            order.countsUpTo = ErasureOrder.everything
            return try await vestige.rights.erase(order)
        }
        Output.text(json ? ErasureText.json(erasure) + "\n" : ErasureText.table(erasure))
        guard let certificate = erasure.certificate else {
            throw Failure.refused(
                "the person is erased, but the certificate could not be made",
                hint: "`vestige certificate show --case REF` may still give it")
        }
        if !json { Output.text("\n" + CertificateText.text(certificate)) }
        if let certificateFile { try PrivateOutput.write(certificate.json() + [0x0A], to: certificateFile) }
    }

    private func plan(_ role: ErasureRole, _ policy: Policy) -> String {
        let keys =
            switch role {
            case .subject: "this person's subject key: what records and entries say about them"
            case .acting: "this person's acting key, at once: name, address and device in what they did"
            case .both:
                "this person's subject key, and their acting key"
                    + (policy.erasure.actors.map { " (for staff after \($0.keep.days) days: \($0.because ?? ""))" } ?? "")
            }
        return "would destroy \(keys); the id stays fenced for at least \(policy.erasure.fence.days) days"
    }
}
