/// Who acts, why and where, for the length of a task and its children.
///
/// Task-local, so it can neither stay behind in a thread nor leak into another request; there is no default: an act
/// without an actor is an error, never "system". Background work says who it is with ``Vestige/as(_:onBehalfOf:purpose:caseReference:correlationID:isolation:_:)``;
/// in a request it follows the request's ``RecordingSlot``.
///
/// Whatever an ``Entry`` leaves out is filled in from here.
public struct AuditContext: Sendable {
    public let actor: AuditActor
    public let onBehalfOf: AuditActor?
    public let purpose: String?
    public let caseReference: String?
    public let justification: String?
    public let correlationID: String?

    public init(
        actor: AuditActor, onBehalfOf: AuditActor? = nil, purpose: String? = nil, caseReference: String? = nil,
        justification: String? = nil, correlationID: String? = nil
    ) {
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.purpose = purpose
        self.caseReference = caseReference
        self.justification = justification
        self.correlationID = correlationID
    }

    /// What holds for the running task; nil where nobody said who acts.
    public static var current: AuditContext? { AuditScope.current?.context }
}

/// Where a task's context comes from: fixed for background work, growing with what is found out in a request.
package enum AuditScope: Sendable {
    /// `within`: the request that the work was begun in.
    case work(AuditContext, within: RecordingSlot?)
    case request(RecordingSlot)

    @TaskLocal package static var current: AuditScope?

    package var context: AuditContext {
        switch self {
        case .work(let context, _): context
        case .request(let slot): slot.context
        }
    }

    /// The request that looks of this task belong to.
    package static var slot: RecordingSlot? {
        if case .request(let slot)? = current { slot } else { nil }
    }

    /// The request that this task is part of, also where it works as somebody else: a change that is recorded here is not the
    /// middleware's to record again.
    package static var request: RecordingSlot? {
        switch current {
        case .request(let slot): slot
        case .work(_, let slot): slot
        case nil: nil
        }
    }
}

extension Vestige {
    /// Runs background work as `actor`: `try await Vestige.as(.system("nightly")) { … }`.
    ///
    /// Inside of a request it takes the work out of it: what is looked at is recorded at once and as this actor's; a change is recorded once, as this
    /// actor's too. A `Task.detached` begun in it inherits nothing, and what it does without a context of its own is refused.
    public static func `as`<Result, Failure: Error>(
        _ actor: AuditActor, onBehalfOf: AuditActor? = nil, purpose: String? = nil, caseReference: String? = nil,
        correlationID: String? = nil, isolation: isolated (any Actor)? = #isolation, _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let context = AuditContext(
            actor: actor, onBehalfOf: onBehalfOf, purpose: purpose, caseReference: caseReference, correlationID: correlationID)
        let outcome: Swift.Result<Result, Failure> = await AuditScope.$current.withValue(.work(context, within: AuditScope.request)) {
            do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
