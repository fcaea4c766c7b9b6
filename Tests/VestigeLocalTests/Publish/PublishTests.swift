import Foundation
import TestSupport
import Testing
import VestigeLocal

@Suite("Publishing the tree")
struct PublishTests {
    private static let client = Checkout.path("Tests/VestigeLocalTests/follow_tree.py")

    /// A trail that grows, and the directory it is published to.
    private final class Published: Sendable {
        let folder: Folder
        let tree: String

        init() async throws {
            folder = try Folder()
            tree = folder.path + "/tree"
            try await folder.make().close()
        }

        /// Brings the trail to `size` entries, publishes it and gives the verifier key.
        @discardableResult
        func publish(at size: UInt64, isChecking: Bool = false) async throws -> (done: Publication, key: String) {
            let vestige = try await folder.open()
            let now = try await vestige.trail.checkpoint().size
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in now..<max(size, now) { group.addTask { _ = try await vestige.recorder.record(look(at: "p\(number % 20)")) } }
                try await group.waitForAll()
            }
            let key = vestige.trail.verifierKey.description
            do {
                let done = try await vestige.publish(to: tree + "/", isChecking: isChecking)
                try await vestige.close()
                return (done, key)
            } catch {
                try await vestige.close()
                throw error
            }
        }

        func path(_ relative: String) -> String { "\(tree)/\(relative)" }

        func exists(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

        /// Every file with its bytes.
        func contents(of directory: String? = nil) throws -> [String: Data] {
            let directory = directory ?? tree
            var contents: [String: Data] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: directory) where !name.hasPrefix("data") {
                let type = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.type] as? FileAttributeType
                if type == .typeRegular { contents[name] = FileManager.default.contents(atPath: "\(directory)/\(name)") }
            }
            return contents
        }

        /// Every file with what shows that it was not written again.
        func stamps() throws -> [String: String] {
            var stamps: [String: String] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: tree) {
                let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
                guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
                let date = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
                stamps[name] = "\(attributes[.systemFileNumber] ?? 0) \(date)"
            }
            return stamps
        }
    }

    @Test(
        "A standard client follows it as it grows, and finds that it still begins with what it saw",
        .enabled(if: Program.python != nil, "there is no python3"))
    func followed() async throws {
        let published = try await Published()
        let state = published.folder.path + "/client-state"
        for (size, said) in [
            (UInt64(1), "followed: 1 entries, 1 levels, 2 files"), (7, "followed: 7 entries, 1 levels, 2 files"),
            (256, "followed: 256 entries, 2 levels, 3 files"), (301, "followed: 301 entries, 2 levels, 5 files"),
            (301, "followed: 301 entries, 2 levels, 5 files"), (520, "followed: 520 entries, 2 levels, 7 files"),
        ] {
            let (done, key) = try await published.publish(at: size)
            #expect(done.size == size)
            let run = try await Program.run("python3", [Self.client, published.tree, key, state])
            #expect(run.exit == 0 && run.output == said + "\n", "\(run.output)")
        }
        // The client is no yes-man.
        let bundle = published.path("tile/entries/001")
        var bytes = try Data(contentsOf: URL(filePath: bundle))
        bytes[500] ^= 1
        try bytes.write(to: URL(filePath: bundle))
        let (_, key) = try await published.publish(at: 520)
        let run = try await Program.run("python3", [Self.client, published.tree, key])
        #expect(run.exit == 1 && run.output.contains("is not what its tile says"))
    }

    @Test("Only what is new is written; old partial tiles go once their tile is full, and not before")
    func incremental() async throws {
        let published = try await Published()
        let first = try await published.publish(at: 200).done
        #expect(first.before == 0 && first.written == 3 && first.removed == 0)
        #expect(published.exists("tile/0/000.p/200") && published.exists("tile/entries/000.p/200"))
        let second = try await published.publish(at: 250).done
        #expect(second.before == 200 && second.written == 3 && second.removed == 0)
        #expect(published.exists("tile/0/000.p/200") && published.exists("tile/0/000.p/250"))
        let third = try await published.publish(at: 300).done
        // A full tile and a partial one with their bundles, the level above, the checkpoint.
        #expect(third.written == 6 && third.removed == 4)
        #expect(!published.exists("tile/0/000.p") && !published.exists("tile/entries/000.p") && published.exists("tile/0/000"))
        let before = try published.stamps()
        let nothing = try await published.publish(at: 300).done
        #expect(nothing.written == 0 && nothing.removed == 0 && nothing.before == 300)
        #expect(try published.stamps() == before)
        try await published.publish(at: 600)
        let after = try published.stamps()
        for name in ["tile/0/000", "tile/entries/000"] { #expect(after[name] == before[name]) }
        #expect(after["checkpoint"] != before["checkpoint"])
        #expect(!after.keys.contains { $0.hasSuffix(".new") })
    }

    @Test("A run that was cut short is gone on with, whatever it left")
    func resumed() async throws {
        let published = try await Published()
        try await published.publish(at: 300)
        let whole = try published.stamps().keys.sorted()
        for gone in [["checkpoint"], ["checkpoint", "tile/1/000.p/1"], ["checkpoint", "tile/0", "tile/entries/001.p"]] {
            for name in gone { try FileManager.default.removeItem(atPath: published.path(name)) }
            try Data("half".utf8).write(to: URL(filePath: published.path("checkpoint.new")))
            try Data("half".utf8).write(to: URL(filePath: published.path("tile/1/000.new")))
            let done = try await published.publish(at: 300).done
            #expect(done.before == 0 && done.written > 0)
            try? FileManager.default.removeItem(atPath: published.path("tile/1/000.new"))
            #expect(try published.stamps().keys.sorted() == whole)
        }
    }

    @Test("Everybody may read it, whatever the umask")
    func modes() async throws {
        let published = try await Published()
        try await published.publish(at: 300)
        try FileManager.default.removeItem(atPath: published.tree)
        // In a process of its own: the umask is the whole process's.
        let done = try await Program.shell(
            "umask 077 && vestige publish '\(published.tree)' --data '\(published.folder.place.data)'", in: published.folder.path)
        #expect(done.exit == 0, "\(done.output)")
        for name in try FileManager.default.subpathsOfDirectory(atPath: published.tree) + [""] {
            let attributes = try FileManager.default.attributesOfItem(atPath: published.path(name))
            let expected = attributes[.type] as? FileAttributeType == .typeDirectory ? 0o755 : 0o644
            #expect(attributes[.posixPermissions] as? Int == expected, "\(name)")
        }
    }

    @Test("A directory that holds another log, another history, or more of this one is refused and left as it is")
    func refused() async throws {
        let (mine, other) = (try await Published(), try await Published())
        try await other.publish(at: 20)
        try await mine.publish(at: 20)
        try FileManager.default.removeItem(atPath: mine.tree)
        try FileManager.default.copyItem(atPath: other.tree, toPath: mine.tree)
        let before = try mine.stamps()
        #expect(await refusal { try await mine.publish(at: 20) }?.contains("a checkpoint that is not of this trail") == true)
        #expect(try mine.stamps() == before)

        // An older copy of the data, and one that went on in its own way.
        try FileManager.default.removeItem(atPath: mine.tree)
        try await mine.publish(at: 30)
        let copy = mine.folder.path + "/copy"
        try FileManager.default.copyItem(atPath: mine.folder.place.data, toPath: copy)
        try await mine.publish(at: 60)
        let older = try await Vestige.open(copy, keyring: mine.folder.place.keyring)
        #expect(await refusal { _ = try await older.publish(to: mine.tree) }?.contains("60 entries, the trail has 30") == true)
        for number in 0..<50 { _ = try await older.recorder.record(look(at: "q\(number)")) }
        #expect(await refusal { _ = try await older.publish(to: mine.tree) }?.contains("another history of this trail, up to 60") == true)
        try await older.close()
    }

    @Test("A directory that is no published tree, or whose files are not what they would be, is refused")
    func foreignFiles() async throws {
        let published = try await Published()
        try FileManager.default.createDirectory(atPath: published.tree, withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(filePath: published.path("index.html")))
        #expect(await refusal { try await published.publish(at: 3) }?.contains("it holds index.html and no checkpoint") == true)
        try FileManager.default.removeItem(atPath: published.path("index.html"))
        let tile = published.path("tile/0/000.p/3")
        try FileManager.default.createDirectory(atPath: published.path("tile/0/000.p"), withIntermediateDirectories: true)
        try Data(repeating: 1, count: 96).write(to: URL(filePath: tile))
        #expect(await refusal { try await published.publish(at: 3) }?.contains("is not what this trail has there") == true)
        #expect(!published.exists("checkpoint"))
        try FileManager.default.removeItem(atPath: tile)
        // What a web server needs beside it may be there once it is a published tree.
        try await published.publish(at: 3)
        try Data("hello".utf8).write(to: URL(filePath: published.path("index.html")))
        #expect(try await published.publish(at: 4).done.before == 3)
    }

    @Test("What was damaged or taken away is written again: by its size at every run, by its bytes when it is compared")
    func mended() async throws {
        let published = try await Published()
        try await published.publish(at: 600)
        let before = try published.contents()
        for gone in ["tile/0/000", "tile/entries/001", "tile/1/000.p/2", "tile/0/002.p/88"] {
            try FileManager.default.removeItem(atPath: published.path(gone))
        }
        try Data("short".utf8).write(to: URL(filePath: published.path("tile/entries/000")))
        let done = try await published.publish(at: 600).done
        #expect(done.written == 5 && done.mended == 5)
        #expect(try published.contents() == before)

        let bundle = published.path("tile/entries/001")
        var bytes = try Data(contentsOf: URL(filePath: bundle))
        bytes[500] ^= 1
        try bytes.write(to: URL(filePath: bundle))
        #expect(try await published.publish(at: 600).done.mended == 0)
        let checked = try await published.publish(at: 600, isChecking: true).done
        #expect(checked.written == 1 && checked.mended == 1)
        #expect(try published.contents() == before)
        #expect(try await published.publish(at: 600, isChecking: true).done.written == 0)
    }

    @Test("Without a checkpoint every file must be this trail's: two trees are never mixed")
    func mixed() async throws {
        let (mine, other) = (try await Published(), try await Published())
        for published in [mine, other] { try await published.publish(at: 600) }
        try FileManager.default.removeItem(atPath: mine.tree)
        try FileManager.default.copyItem(atPath: other.tree, toPath: mine.tree)
        try FileManager.default.removeItem(atPath: mine.path("checkpoint"))
        // What would be written first is not there.
        for gone in ["tile/0", "tile/1"] { try FileManager.default.removeItem(atPath: mine.path(gone)) }
        try FileManager.default.removeItem(atPath: mine.path("tile/entries/000"))
        let before = try mine.contents()
        #expect(await refusal { try await mine.publish(at: 600) }?.contains("it is of another tree") == true)
        #expect(try mine.contents() == before)
        try FileManager.default.removeItem(atPath: mine.path("tile/entries"))
        try Data("hello".utf8).write(to: URL(filePath: mine.path("tile/index.html")))
        #expect(await refusal { try await mine.publish(at: 600) }?.contains("tile/index.html is not what this trail has there") == true)
    }

    @Test("No symbolic link is followed out of the directory", arguments: ["tile", "tile/0", "tile/entries/000", "checkpoint"])
    func links(name: String) async throws {
        let published = try await Published()
        try await published.publish(at: 300)
        let outside = published.folder.path + "/outside"
        try FileManager.default.moveItem(atPath: published.path(name), toPath: outside)
        try FileManager.default.createSymbolicLink(atPath: published.path(name), withDestinationPath: outside)
        let before = try published.contents(of: published.folder.path)
        #expect(await refusal { try await published.publish(at: 300) }?.contains("symbolic link") == true)
        #expect(await refusal { try await published.publish(at: 300, isChecking: true) }?.contains("symbolic link") == true)
        let after = try published.contents(of: published.folder.path)
        #expect(after.filter { $0.key.hasPrefix("outside") } == before.filter { $0.key.hasPrefix("outside") })
    }

    @Test("Two that publish at once do not get into each other's way: one is refused")
    func busy() async throws {
        let published = try await Published()
        try await published.publish(at: 3)
        let descriptor = open(published.tree, O_RDONLY)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        #expect(await refusal { try await published.publish(at: 4) }?.contains("somebody else is publishing") == true)
        #expect(flock(descriptor, LOCK_UN) == 0)
        #expect(try await published.publish(at: 4).done.size == 4)
    }
}
