import ArgumentParser
import VestigeCrypto
import VestigeLocal
import VestigeTrail

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Writes the trail's tree as static files that anybody can follow (C2SP tlog-tiles).",
        discussion: """
            DIR gets the newest checkpoint, tiles of hashes and bundles of leaves: entry ids, times and salted hashes, no header and nothing \
            sealed. Serve it with any web server. What stands there is never changed but for the checkpoint; run it again, by cron, to bring \
            it up to date. A file that is missing or has another size is written again; with --check, one that holds anything else, too. \
            It refuses a directory that holds another log, or more of this one than the trail has.
            """)

    @Argument(help: ArgumentHelp("The directory; made if it is not there.", valueName: "dir"))
    var directory: String

    @Flag(name: .long, help: "Publish the largest checkpoint that a witness cosigned, not the newest.")
    var cosigned = false

    @Flag(name: .long, help: "Compare every published file with the trail, and write again what is missing or other.")
    var check = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let done = try await location.open { vestige in
            defer { Output.progress(nil) }
            return try await vestige.publish(to: directory, cosignedOnly: cosigned, isChecking: check) { done, all in
                if done % 256 == 0 { Output.progress("publishing: \(Int(done).grouped) of \(Int(all).grouped) tiles") }
            }
        }
        if done.isAhead { Output.hint("no newer cosigned checkpoint yet: nothing to do") }
        if done.mended > 0 {
            Output.hint("published files were missing or other than the trail has them, and were written again: \(done.mended)")
        }
        Output.text(json ? PublicationText.json(done) + "\n" : PublicationText.table(done))
    }
}

/// What publishing did, for people and for programs.
enum PublicationText {
    static func table(_ done: Publication) -> String {
        Facts.rendered([
            ("entries", Int(done.size).grouped), ("new", Int(done.size - done.before).grouped), ("root", done.root.base64),
            ("files written", done.written.grouped),
            ("of those mended", done.mended == 0 ? nil : done.mended.grouped), ("files removed", done.removed.grouped),
        ])
    }

    static func json(_ done: Publication) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("size", Int(done.size))
            json.number("before", Int(done.before))
            json.member("root", done.root.base64)
            json.number("written", done.written)
            json.number("mended", done.mended)
            json.number("removed", done.removed)
            if done.isAhead {
                json.key("ahead")
                json.boolean(true)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
