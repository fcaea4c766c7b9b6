import ArgumentParser
import VestigeLocal
import VestigeRights
import VestigeTrail

struct NightlyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightly", abstract: "Does what is due without anybody asking, for cron.",
        discussion: """
            Finishes erasures and redactions that were interrupted, ends the holds whose day is over, destroys the acting keys of staff whose \
            day has come (unless a legal hold keeps them) and the files of erasures whose time is over (cases.keep), and forgets the fences \
            that have ended. Then retention runs: bodies of entries whose time is over are removed, as `vestige prune` does. It may be run at any \
            time and more than once; a host or another cron job that runs retention at this moment is left to it. Exit 1 if a process on this data directory \
            did not say that it had forgotten a destroyed key.
            """)

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let duties = try await location.open { vestige in
            var duties = try await vestige.nightly()
            // The opening itself finished and destroyed what it could.
            duties.finished += vestige.dutiesAtOpening.finished
            duties.dueKeys += vestige.dutiesAtOpening.dueKeys
            duties.filesEnded += vestige.dutiesAtOpening.filesEnded
            duties.holdsEnded += vestige.dutiesAtOpening.holdsEnded
            duties.redactions += vestige.dutiesAtOpening.redactions
            return duties
        }
        Output.text(json ? DutiesText.json(duties) + "\n" : DutiesText.table(duties))
        if !duties.unanswered.isEmpty { throw Failure.refused(DutiesText.unanswered(duties), hint: DutiesText.hint) }
    }
}
