/// Who acts and why, for the length of a task and its children.
///
/// Task-local, so it can neither stay behind in a thread nor leak into another request; there is no default: an act
/// without an actor is an error, never "system".
public struct AuditContext: Sendable {
    @TaskLocal public static var current: AuditContext?

    public var actor: AuditActor
    public var purpose: String?
    public var correlationID: String?

    public init(actor: AuditActor, purpose: String? = nil, correlationID: String? = nil) {
        self.actor = actor
        self.purpose = purpose
        self.correlationID = correlationID
    }
}

extension Vestige {
    /// Runs background work as `actor`: `try await Vestige.as(.system("nightly")) { … }`.
    public static func `as`<Result, Failure: Error>(
        _ actor: AuditActor, purpose: String? = nil, isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = await AuditContext.$current.withValue(AuditContext(actor: actor, purpose: purpose)) {
            do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
