import ArgumentParser
import VestigeLocal

/// Where data directory and keyring are.
struct PlaceOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The data directory (VESTIGE_DATA; default: ./vestige-data).", valueName: "dir"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("The keyring's directory (VESTIGE_KEYRING; default: <data>.keyring).", valueName: "dir"))
    var keyring: String?

    @Flag(name: .long, help: "Open although the clock is over 366 days ahead of the newest entry.")
    var acceptClock = false

    var place: Place {
        Place(
            data: data ?? Environment.value("VESTIGE_DATA") ?? "./vestige-data",
            keyring: keyring ?? Environment.value("VESTIGE_KEYRING"))
    }

    /// Opens the data directory for the length of `body`; closes it whatever happens.
    func open<Outcome: Sendable>(_ body: (LocalVestige) async throws -> Outcome) async throws -> Outcome {
        let vestige = try await Vestige.open(place, keyring: nil, acceptingClock: acceptClock)
        let duties = vestige.dutiesAtOpening
        if !duties.unanswered.isEmpty {
            Output.error(DutiesText.unanswered(duties))
            Output.hint(DutiesText.hint)
        }
        if duties.replayed > 0 {
            Output.hint(
                "the vault was older than its trail: \(duties.replayed.counted("erasure", "erasures")) carried out again; who became known since that copy was made has no key in it"
            )
        }
        if duties.finished > 0 {
            Output.hint("\(duties.finished.counted("erasure that was", "erasures that were")) still under way: finished now")
        }
        if duties.redactions > 0 {
            Output.hint("\(duties.redactions.counted("redaction that was", "redactions that were")) still under way: finished now")
        }
        let outcome: Outcome
        do {
            outcome = try await body(vestige)
        } catch {
            // The first error is the one to tell.
            try? await vestige.close()
            throw error
        }
        try await vestige.close()
        return outcome
    }
}
