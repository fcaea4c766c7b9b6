import Foundation
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

@Suite("Rotating the keys of a data directory")
struct KeyRotationTests {
    private func entries(_ vestige: LocalVestige, limit: Int = 10) async throws -> [Header] {
        var query = IndexQuery(limit: limit)
        query.actions = ["key.rotated"]
        return try await vestige.trail.page(query).compactMap { try $0.body.map { try Header(decoding: $0.header) } }
    }

    @Test("leaves an entry by the one who asked, and everything opens as before")
    func rotated() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        let done = try await vestige.rotateKeys(by: ana)
        #expect(done.rotation.kek == 2 && done.rotation.destroyed == [1])
        let entry = try #require(try await entries(vestige).first)
        #expect(entry.event == "rotated" && entry.channel == "compliance" && entry.details == ["kek": .integer(2)])
        guard case .active(let acting) = try await vestige.vault.standing(of: SubjectID(type: "user", id: "7"), as: .acting) else {
            return #expect(Bool(false), "nobody acted")
        }
        #expect(entry.actor.pseudonym == acting)
        #expect(try await vestige.trail.seq(of: entry.id) == done.seq)
        try await vestige.close()

        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.place.keyring).sorted() == ["kek-00000002", "signing-00000001"])
        let reopened = try await folder.open()
        let viewed = try await reopened.inquiry.whoViewed(
            ViewsQuestion(try Reference("user/42")), asker: .keyHolder(ana, purpose: "audit"))
        #expect(viewed.views.count == 1)
        #expect(try await reopened.verify().verdict == .intact)
        #expect(try await reopened.keyStatus().isRotating == false)
        try await reopened.close()
    }

    @Test("writes one entry for each key, however often it is cut short", arguments: Interruption.Moment.allCases)
    func once(_ moment: Interruption.Moment) async throws {
        let folder = try Folder()
        try await folder.make().close()
        for call in [3, 5, 4, 6, 7, 2, 8] {
            let crash = Interruption(at: call, moment)
            let keyring = InterruptedKeyring(try FileKeyring(directory: folder.place.keyring), by: crash)
            let vestige = try await Vestige.open(folder.place, keyring: keyring)
            crash.arm()
            _ = try? await vestige.rotateKeys(by: ana)
            try? await vestige.close()
        }
        let vestige = try await folder.open()
        let kek = try await vestige.rotateKeys(by: ana).rotation.kek
        let keks = try await entries(vestige).map { $0.details["kek"] }
        #expect(keks == (2...kek).reversed().map { .integer(Int64($0)) })
        #expect(try FileKeyring(directory: folder.place.keyring).kekIDs() == [kek])
        try await vestige.close()
    }

    @Test("makes a copy of the whole data directory from before worthless, even with today's keyring")
    func oldCopy() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        try await vestige.close()
        let copy = folder.path + "/copy"
        try FileManager.default.copyItem(atPath: folder.place.data, toPath: copy)
        let again = try await folder.open()
        _ = try await again.rotateKeys(by: ana)
        try await again.close()
        let message = await refusal { try await Vestige.open(copy, keyring: folder.place.keyring).close() }
        #expect(message?.contains("key-encryption key 1 is not in the keyring") == true)
        #expect(message?.contains("a copy from before the last rotation") == true)
    }

    @Test("by several at once leaves one entry for each key")
    func together() async throws {
        let folder = try Folder()
        let first = try await folder.make()
        let openings = [first, try await folder.open(), try await folder.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for vestige in openings { group.addTask { for _ in 0..<4 { _ = try await vestige.rotateKeys(by: ana) } } }
            try await group.waitForAll()
        }
        let kek = try await first.keyStatus().current
        #expect(try await entries(first, limit: 100).map { $0.details["kek"] } == (2...kek).reversed().map { .integer(Int64($0)) })
        #expect(try await first.verify().verdict == .intact)
        for vestige in openings { try await vestige.close() }
    }
}
