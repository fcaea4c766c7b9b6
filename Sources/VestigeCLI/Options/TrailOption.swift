import ArgumentParser
import VestigeInquiry
import VestigeLocal

/// Which trail is asked, after a recovery.
struct TrailOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Ask this older trail, which the present one goes on from; `vestige status` lists them.", valueName: "n"))
    var trail: Int?

    func inquiry(of vestige: LocalVestige) throws(Failure) -> Inquiry {
        do {
            let inquiry = try vestige.inquiry(of: trail)
            if trail == nil, let older = vestige.older.first {
                Output.hint("entries from before the recovery stand in an older trail: ask again with --trail \(older.number)")
            }
            return inquiry
        } catch {
            throw .usage("--trail: \(error)")
        }
    }
}
