import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Sign-ins, sign-outs and roles")
struct AccountTests {
    private let bare = AuditActor(.user, id: "7", name: "Ana Lima", role: "agent")

    private func slot() -> RecordingSlot {
        let slot = RecordingSlot(peer: "127.0.0.1")
        slot.comesFrom(ip: "198.51.100.4", userAgent: "curl/9")
        return slot
    }

    @Test("Who comes in is recorded as themselves, with the address and the user agent of the request")
    func signIn() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await inRequest(slot(), of: nil, purpose: nil) { try await vestige.recorder.recordSignIn(of: bare) }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.header?.action == "auth.sign_in")
        #expect(entry.header?.channel == "auth")
        #expect(entry.header?.status == .success)
        #expect(entry.header?.actor.identity == .oneself)
        #expect(entry.actor?.ip == "198.51.100.4")
        #expect(entry.actor?.userAgent == "curl/9")
        #expect(entry.subjects.map(\.recordID) == ["7"])
        #expect(try await vestige.pseudonym(of: "7", as: .acting) == nil)
    }

    @Test("Who leaves is recorded with their session, and never with another's")
    func signOut() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var known = bare
        known.session = "s-1"
        _ = try await inRequest(slot(), of: known) { try await vestige.recorder.recordSignOut(of: bare) }
        _ = try await inRequest(slot(), of: known) { try await vestige.recorder.recordSignOut(of: AuditActor(.user, id: "8")) }
        let entries = try await vestige.opened()
        #expect(entries.map(\.header?.action) == ["auth.sign_out", "auth.sign_out"])
        #expect(entries.map(\.actor?.session) == ["s-1", nil])
    }

    @Test("An actor whose type is no record of a person is recorded by their acting pseudonym")
    func service() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await vestige.recorder.recordSignIn(of: AuditActor(.api, id: "payroll-sync"))
        let header = try #require(try await vestige.recorded().first)
        #expect(header.actor.pseudonym != nil)
        #expect(header.record == nil)
        #expect(header.subjects.isEmpty)
    }

    @Test("A failed sign-in is anonymous: what was typed is sealed, and nobody comes to be known")
    func failure() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await inRequest(slot(), of: ana) { try await vestige.recorder.recordSignInFailure(trying: "eve@example.org") }
        let entry = try #require(try await vestige.opened().first)
        let header = try #require(entry.header)
        #expect(header.action == "auth.sign_in_failed")
        #expect(header.status == .failure)
        #expect(header.actor.type == "anonymous")
        #expect(header.record == RecordHandle(type: "user"))
        #expect(header.subjects.isEmpty)
        #expect(entry.actor?.email == "eve@example.org")
        #expect(entry.actor?.ip == "198.51.100.4")
        #expect(entry.actor?.session == nil)
        #expect(try await vestige.pseudonym(of: "eve@example.org") == nil)
        #expect(try await vestige.pseudonym(of: "7", as: .acting) == nil)
    }

    @Test("Of what was typed at most 254 bytes are kept, whole characters only, so that nobody stays out of the trail by typing much")
    func long() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        for typed in [String(repeating: "é", count: 9000), String(repeating: "x", count: 253) + "é", ""] {
            try await vestige.recorder.recordSignInFailure(trying: typed)
        }
        try await vestige.recorder.recordSignInFailure(trying: nil)
        #expect(
            try await vestige.opened().map(\.actor?.email) == [
                String(repeating: "é", count: 127), String(repeating: "x", count: 253), "", nil,
            ])
    }

    @Test("A role's change has before and after, where the policy says so in clear")
    func role() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await Vestige.as(ana) {
            _ = try await vestige.recorder.recordRoleChange(of: person("42"), from: nil, to: "manager")
        }
        try await vestige.recorder.recordRoleChange(of: person("42"), from: "manager", to: nil, field: "grade", by: ana)
        let entries = try await vestige.opened()
        #expect(entries.map(\.header?.action) == ["security.role_changed", "security.role_changed"])
        #expect(entries.map(\.actor?.id) == ["7", "7"])
        #expect(entries[0].clearChanges == ["role": FieldChange(before: nil, after: "manager")])
        #expect(entries[1].clearChanges.isEmpty)
        #expect(entries[1].subjects.first?.changes == ["grade": FieldChange(before: "manager", after: nil)])
    }

    @Test("A role's change without anybody who made it is refused")
    func nobody() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let error = await #expect(throws: RecordingError.self) {
            try await vestige.recorder.recordRoleChange(of: person("42"), from: nil, to: "manager")
        }
        #expect(error?.member == "actor")
    }

    @Test("Where the policy declares no such action, the refusal says what to declare")
    func undeclared() async throws {
        let policy = try examplePolicy { $0.contains("event: signed_out") ? nil : $0 }
        let vestige = try await InMemoryVestige(policy: policy)
        let error = await #expect(throws: RecordingError.self) { try await vestige.recorder.recordSignOut(of: ana) }
        #expect(error?.member == "action")
        #expect("\(try #require(error))".contains("auth.signed_out: { channel: auth, event: signed_out }"))
    }

    @Test("Where it declares several, one must be named")
    func several() async throws {
        let policy = try examplePolicy { line in
            line.contains("event: signed_out") ? "\(line)\n  auth.time_out: { channel: auth, event: signed_out }" : line
        }
        let vestige = try await InMemoryVestige(policy: policy)
        let error = await #expect(throws: RecordingError.self) { try await vestige.recorder.recordSignOut(of: ana) }
        #expect("\(try #require(error))".contains("auth.sign_out, auth.time_out"))
        try await vestige.recorder.recordSignOut(of: ana, action: "auth.time_out")
        let other = await #expect(throws: RecordingError.self) { try await vestige.recorder.recordSignOut(of: ana, action: "auth.sign_in") }
        #expect(other?.member == "action")
        #expect(try await vestige.recorded().map(\.action) == ["auth.time_out"])
    }

    @Test("Who left has left, and a role that was changed is changed: while the trail is away their entries wait in the spool")
    func waiting() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        vestige.trailStore.failNextCommits(.max)
        #expect(try await vestige.recorder.recordSignOut(of: ana) == nil)
        #expect(try await vestige.recorder.recordRoleChange(of: person("42"), from: "agent", to: nil, by: ana) == nil)
        #expect(vestige.spool.waiting.kept == 2)
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { try await vestige.recorded().count == 2 })
        #expect(try await vestige.recorded().map(\.action) == ["auth.sign_out", "security.role_changed"])
    }

    @Test("A sign-in that cannot be recorded lets nobody in")
    func down() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        vestige.trailStore.failNextCommits(1)
        await #expect(throws: RecordingError.self) { try await vestige.recorder.recordSignIn(of: ana) }
        #expect(try await vestige.recorded().isEmpty)
    }
}
