import ArgumentParser
import VestigeInquiry
import VestigeTrail

/// How much of an answer.
struct PageOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("At most so many, 1 to 10000 (default: 50).", valueName: "n"))
    var limit: Int?

    @Option(name: .long, help: ArgumentHelp("Where the page before ended, as it said.", valueName: "cursor"))
    var cursor: String?

    func after() throws(InquiryError) -> EntryCursor? {
        guard let cursor else { return nil }
        return try EntryCursor(cursor)
    }

    func count(_ range: ClosedRange<Int>) throws(Failure) -> Int {
        let count = limit ?? 50
        guard range.contains(count) else { throw .usage("--limit: expected \(range.lowerBound) to \(range.upperBound)") }
        return count
    }
}

/// From when to when.
struct WindowOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("From this day or moment on, UTC: 2026-05-01 or 2026-05-01T09:00:00Z.", valueName: "time"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("Up to the end of this day, or before this moment.", valueName: "time"))
    var until: String?

    func start() throws(InquiryError) -> Timestamp? {
        guard let since else { return nil }
        return try EntryFilter.time(since, filter: "--since", isEnd: false)
    }

    func end() throws(InquiryError) -> Timestamp? {
        guard let until else { return nil }
        return try EntryFilter.time(until, filter: "--until", isEnd: true)
    }
}
