import ArgumentParser
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigePolicy
import VestigeRights

/// Why personal data is opened: a code that the adopted policy declares.
struct PurposeOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Why you ask: a purpose that the policy declares (VESTIGE_PURPOSE). Recorded with the question.", valueName: "code"))
    var purpose: String?

    /// - Throws: ``Failure`` that says which purposes there are.
    func code(of policy: Policy) throws(Failure) -> String {
        guard let code = purpose ?? Environment.value("VESTIGE_PURPOSE") else {
            throw .usage(
                "a purpose is missing; nothing was shown and nothing was done",
                hint: "give --purpose CODE or set VESTIGE_PURPOSE; this policy declares: \(policy.purposes.codes.joined(separator: ", "))")
        }
        if let problem = policy.refusal(of: code, as: .purpose) { throw .usage("--purpose: \(problem)") }
        return code
    }

    /// The account that runs the program can read the keyring, so it has all rights.
    func asker(of policy: Policy, for asked: CaseOption? = nil) throws(Failure) -> Asker {
        var asker = Asker.keyHolder(Environment.account(), purpose: try code(of: policy))
        asker.caseReference = asked?.reference
        return asker
    }
}

/// The case that a question belongs to.
struct CaseOption: ParsableArguments {
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp(
            "The case that the question belongs to; sealed with it. Where the policy shows actors as pseudonyms, only a question that names "
                + "its case sees who acted.", valueName: "ref"))
    var reference: String?
}
