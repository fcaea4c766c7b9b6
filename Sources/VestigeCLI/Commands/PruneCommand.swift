import ArgumentParser
import VestigeCore
import VestigeLocal
import VestigePolicy
import VestigeRights
import VestigeTrail

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Removes bodies of entries whose time is over, as the policy's retention says.",
        discussion: """
            Header, payload and everything in the index go, for good; leaf, place and proof stay, and the trail still verifies. An entry says which \
            places went before any of them goes, and another one when it is done. Entries about held people and records stay, and so does what \
            Vestige itself wrote, questions (audit) apart. With retention.archive the bodies are written to archive/ first. Others may go on \
            recording meanwhile. If it is cut short, ask again: it goes on where it stopped. `vestige nightly` does the same, for cron.
            """)

    @Flag(name: .long, help: "Show what would go, and change nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        if dryRun {
            let (forecast, archive) = try await location.open { vestige in
                (try await vestige.retentionForecast(), vestige.policy.retention.archive)
            }
            return Output.text(json ? PruneText.json(forecast) + "\n" : PruneText.table(forecast, archive: archive))
        }
        let pruned = try await location.open { vestige in
            let purpose = try why.code(of: vestige.policy)
            guard yes else {
                let forecast = try await vestige.retentionForecast()
                throw Failure.usage(
                    "nothing was pruned",
                    hint: "give --yes to remove \(Int(forecast.count).counted("entry's body", "entries' bodies")), --dry-run to see which; "
                        + "it cannot be undone")
            }
            defer { Output.progress(nil) }
            return try await vestige.prune(PruneOrder(actor: Environment.account(), purpose: purpose)) { done, total in
                Output.progress("\(Int(done).grouped) of \(Int(total).grouped) bodies")
            }
        }
        if let moment = pruned.waitsUntil {
            throw Failure.refused(
                "nothing was pruned: the clock went forward by more than a day, or nothing was recorded for a day; retention waits for "
                    + PruneText.waiting(moment),
                hint: "if the clock is right, run it again then; if it is wrong, set it first")
        }
        Output.text(json ? PruneText.json(pruned) + "\n" : PruneText.table(pruned))
    }
}

/// What retention would do and what it did, for people and for programs.
enum PruneText {
    static func waiting(_ moment: Timestamp) -> String { "an entry recorded at \(moment.forPeople) or later" }

    static func table(_ forecast: RetentionForecast, archive: Window?) -> String {
        var text = ""
        if !forecast.parts.isEmpty {
            var table = Table([
                .text("channels", upTo: 60), .number("kept for"), .text("because", upTo: 40), .text("before (UTC)"), .number("entries"),
                .text("places"),
            ])
            for part in forecast.parts {
                table.add([
                    part.channels.joined(separator: " "), "\(part.window.keep)", part.window.because, part.cutoff.forPeople,
                    Int(part.places.count).grouped, hull(part.places),
                ])
            }
            text = table.rendered()
        }
        return text
            + Facts.rendered([
                ("would go", Int(forecast.count).grouped),
                ("planned before", forecast.unfinished > 0 ? Int(forecast.unfinished).grouped : nil),
                ("due and held", Int(forecast.held).grouped), ("waits for", forecast.waitsUntil.map(waiting)),
                ("archived for", archive.map { "\($0.keep)" } ?? "no time"),
            ])
    }

    private static func hull(_ places: SeqRuns) -> String {
        let hull = places.hull
        let runs = places.ranges.count == 1 ? "" : ", in \(places.ranges.count.grouped) runs"
        return "\(hull.lowerBound) to \(hull.upperBound - 1)\(runs)"
    }

    static func json(_ forecast: RetentionForecast) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("entries", Int(forecast.count))
            json.number("planned_before", Int(forecast.unfinished))
            json.number("held", Int(forecast.held))
            json.member("waits_until", forecast.waitsUntil?.description)
            json.key("parts")
            json.array { list in
                for part in forecast.parts {
                    list.object { json in
                        json.member("channels", part.channels)
                        json.number("keep_days", part.window.keep.days)
                        json.member("because", part.window.because)
                        json.member("cutoff", part.cutoff.description)
                        json.number("entries", Int(part.places.count))
                        json.key("ranges")
                        json.array { list in
                            for range in part.places.ranges {
                                list.array {
                                    $0.integer(Int64(clamping: range.lowerBound))
                                    $0.integer(Int64(clamping: range.upperBound))
                                }
                            }
                        }
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func table(_ pruned: Pruned) -> String {
        Facts.rendered([
            ("pruned", Int(pruned.entries).grouped), ("plans", pruned.plans.grouped), ("due and held", Int(pruned.held).grouped),
            ("pruned in all", Int(pruned.total).grouped),
            ("gone, not archived", pruned.unarchived > 0 ? "\(Int(pruned.unarchived).grouped): by whom no entry says" : nil),
            ("archives removed", pruned.archivesRemoved > 0 ? pruned.archivesRemoved.grouped : nil),
            (
                "archives kept",
                pruned.archivesKept > 0 ? "\(pruned.archivesKept.grouped): something in them is held, or cannot be read" : nil
            ), ("entry", pruned.seq.map { "\($0)" }),
        ])
    }

    static func json(_ pruned: Pruned) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("pruned", Int(pruned.entries))
            json.number("plans", pruned.plans)
            json.number("held", Int(pruned.held))
            json.number("total", Int(pruned.total))
            if pruned.unarchived > 0 { json.number("unarchived", Int(pruned.unarchived)) }
            if pruned.archivesRemoved > 0 { json.number("archives_removed", pruned.archivesRemoved) }
            if pruned.archivesKept > 0 { json.number("archives_kept", pruned.archivesKept) }
            if let seq = pruned.seq { json.number("seq", Int(seq)) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
