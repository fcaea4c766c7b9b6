import Foundation
import Testing
import VestigeCore
import VestigeCrypto
import VestigeTesting

@testable import VestigeLocal

@Suite("Spools that dead processes left")
struct LeftoverTests {
    @Test("Outcomes, and intents where none is known, come in the order of their acts; settled ones do not")
    func acts() async throws {
        let fixture = try SpoolFixture()
        let batches = try (0..<6).map { try SpoolConformance.batch($0, parts: $0 + 1) }
        var spool: FileSpool? = fixture.spool()
        let first = try #require(try await spool?.intend(batches[0]))
        let second = try #require(try await spool?.intend(batches[1]))
        let third = try #require(try await spool?.intend(batches[2]))
        try await spool?.keep(batches[3], replacing: nil)
        try await spool?.keep(batches[4], replacing: first)
        try await spool?.keep(batches[5], replacing: third)
        spool?.settle(third)
        // The settled record is written with the next group at the latest.
        let fourth = try #require(try await spool?.intend(batches[5]))
        spool?.thread.sync {}
        spool = nil
        let leftover = try #require(try fixture.leftovers().first)
        #expect(leftover.batches.map { $0.encoded() } == [batches[4], batches[1], batches[3], batches[5]].map { $0.encoded() })
        #expect(leftover.damage.isEmpty)
        #expect(leftover.lastSequence == fourth.sequence)
        #expect(second < third)
    }

    @Test("A living process's file is left alone, and so is one that somebody drains")
    func locked() async throws {
        let fixture = try SpoolFixture()
        var spool: FileSpool? = fixture.spool()
        _ = try await spool?.intend(try SpoolConformance.batch(1))
        #expect(try fixture.leftovers().isEmpty)
        spool?.thread.sync {}
        spool = nil
        let drained = try #require(try fixture.leftovers().first)
        #expect(try fixture.leftovers().isEmpty)
        drained.release()
        #expect(try fixture.leftovers().count == 1)
    }

    @Test("A drained file goes, a damaged one can be set aside, and neither is read again")
    func ending() async throws {
        let fixture = try SpoolFixture()
        let one = try await fixture.abandoned([try SpoolConformance.batch(1)])
        let leftover = try #require(try fixture.leftovers().first)
        #expect(leftover.id == one.id)
        leftover.remove()
        leftover.remove()
        #expect(fixture.names.isEmpty)
        let two = try await fixture.abandoned([try SpoolConformance.batch(1)])
        try #require(try fixture.leftovers().first).setAside()
        #expect(fixture.names == ["\(two.id.hex).damaged"])
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test("What is no spool is ignored; what a process was making when it died is cleared away")
    func others() async throws {
        let fixture = try SpoolFixture()
        let directory = fixture.data + "/spool/"
        let names = ["notes.txt", "x.spool", ".spool", "\(Bytes16.random().hex.uppercased())F.spool", "old.new"]
        for name in names { #expect(FileManager.default.createFile(atPath: directory + name, contents: Data([1]))) }
        #expect(FileManager.default.createFile(atPath: directory + Bytes16.random().hex + ".new", contents: Data([1])))
        try FileManager.default.createDirectory(atPath: directory + Bytes16.random().hex + ".spool", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: directory + Bytes16.random().hex + ".spool", withDestinationPath: directory + "notes.txt")
        #expect(try fixture.leftovers().isEmpty)
        #expect(fixture.names.count == names.count + 2)
    }

    @Test("A file cut off anywhere in its last record gives all the others, and no damage")
    func tornTail() async throws {
        let fixture = try SpoolFixture()
        let batches = try (0..<3).map { try SpoolConformance.batch($0) }
        let file = try await fixture.abandoned(batches)
        let others = batches[..<2].map { $0.encoded() }
        for end in file.places[2]..<file.places[3] {
            let read = try fixture.reading(Array(file.bytes[..<end]), as: file.id)
            #expect(read.batches == others && read.damage.isEmpty && read.lastSequence == 2, "cut at \(end)")
            // Room that the file system gave for bytes that never came.
            let hollow = file.bytes[..<file.places[2]] + [UInt8](repeating: 0, count: end - file.places[2])
            #expect(try fixture.reading(Array(hollow), as: file.id).damage.isEmpty, "hollow to \(end)")
        }
        for end in 0..<SpoolRecord.fileHeadByteCount {
            let read = try fixture.reading(Array(file.bytes[..<end]), as: file.id)
            #expect(read.batches.isEmpty && read.damage.isEmpty, "cut at \(end)")
        }
        #expect(try fixture.reading(file.bytes, as: file.id).batches == batches.map { $0.encoded() })
    }

    @Test("One bit flipped at any byte is named, and costs no more than the record that it is in")
    func flippedBits() async throws {
        let fixture = try SpoolFixture()
        let batches = try (0..<3).map { try SpoolConformance.batch($0) }
        let file = try await fixture.abandoned(batches)
        for place in file.bytes.indices {
            var bytes = file.bytes
            bytes[place] ^= 1 << UInt8(place % 8)
            let hit = (0..<3).first { (file.places[$0]..<file.places[$0 + 1]).contains(place) }
            let left = (0..<3).filter { $0 != hit }.map { batches[$0].encoded() }
            let read = try fixture.reading(bytes, as: file.id)
            #expect(read.batches == left && read.damage.count == 1, "byte \(place)")
        }
    }

    @Test("A record moved to another file is refused, and so is one that stands out of order or twice")
    func moved() async throws {
        let fixture = try SpoolFixture()
        let batches = try (0..<3).map { try SpoolConformance.batch($0) }
        let file = try await fixture.abandoned(batches)
        let other = try await fixture.abandoned([batches[2]])
        for leftover in try fixture.leftovers() { leftover.remove() }
        let head = Array(file.bytes[..<SpoolRecord.fileHeadByteCount])
        let records = (0..<3).map { Array(file.bytes[file.places[$0]..<file.places[$0 + 1]]) }

        let foreign = try fixture.reading(head + records[1] + other.bytes[SpoolRecord.fileHeadByteCount...] + records[2], as: file.id)
        #expect(foreign.batches == [batches[1], batches[2]].map { $0.encoded() })
        #expect(foreign.damage.count == 1)

        let swapped = try fixture.reading(head + records[1] + records[0] + records[2], as: file.id)
        #expect(swapped.batches == [batches[1], batches[2]].map { $0.encoded() })
        #expect(swapped.damage.count == 1)

        let doubled = try fixture.reading(head + records[0] + records[0], as: file.id)
        #expect(doubled.batches == [batches[0].encoded()])
        #expect(doubled.damage.count == 1)
    }

    @Test("A file under another name, and one of another trail, give nothing and name every record")
    func foreignFile() async throws {
        let fixture = try SpoolFixture()
        let file = try await fixture.abandoned([try SpoolConformance.batch(1), try SpoolConformance.batch(2)])
        let stranger = try SpoolFixture()
        let strange = try stranger.reading(file.bytes, as: file.id)
        #expect(strange.batches.isEmpty && strange.damage.count == 2 && strange.lastSequence == 0)
        for damage in strange.damage { #expect("\(damage)".contains("not written with this keyring")) }
        let renamed = try SpoolFixture(key: fixture.key).reading(file.bytes, as: .random())
        #expect(renamed.batches.isEmpty && renamed.damage.count == 3)
    }

    @Test("A copy of a living process's directory gives what was durable when it was taken")
    func copied() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool()
        let batches = try (0..<2).map { try SpoolConformance.batch($0) }
        let ticket = try await spool.intend(batches[0])
        let copy = try SpoolFixture(key: fixture.key)
        #expect(try copy.reading(try fixture.bytes(spool.id), as: spool.id).batches == [batches[0].encoded()])
        try await spool.keep(batches[1], replacing: ticket)
        #expect(try copy.reading(try fixture.bytes(spool.id), as: spool.id).batches == [batches[1].encoded()])
    }

    @Test("CRC-32 is the one of gzip")
    func crc() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    }
}
