import Hummingbird
import VestigeCore
import VestigeHummingbird
import VestigeTrail

/// Writes sign-ins into the trail. No route of the policy does: whether somebody came in is known to the handler only.
struct SignInJournal: Sendable {
    let recorder: any LookRecorder

    func entered(_ person: Person, in slot: RecordingSlot) async throws {
        try await record("signed_in", "auth.sign_in", .success, by: AuditActor(person), of: person.id, in: slot)
    }

    func left(_ person: Person, in slot: RecordingSlot) async throws {
        try await record("signed_out", "auth.sign_out", .success, by: AuditActor(person), of: person.id, in: slot)
    }

    /// Nobody has signed in, so the actor is anonymous; the address that was tried is sealed with it.
    func refused(_ email: String, in slot: RecordingSlot) async throws {
        let actor = AuditActor(.anonymous, email: String(email.prefix(254)))
        try await record("sign_in_failed", "auth.sign_in_failed", .failure, by: actor, of: nil, in: slot)
    }

    /// - Throws: 503 when the act could not be made durable.
    private func record(
        _ event: String, _ action: String, _ status: EntryStatus, by actor: AuditActor, of id: String?, in slot: RecordingSlot
    ) async throws {
        let entry = Entry(
            channel: "auth", event: event, action: action, status: status, actor: slot.completed(actor),
            record: RecordReference(type: "user", id: id), subjects: id == nil ? [] : nil)
        do {
            try await recorder.recordDurably(entry)
        } catch {
            throw HTTPError(.serviceUnavailable)
        }
    }
}
