/// What was done of what is due without anybody asking: at a start, and each night.
public struct Duties: Sendable, Equatable {
    /// Erasures that a crash or a silent process had interrupted, and that are finished now.
    public var finished = 0
    /// Erasures of the trail that the vault did not know of, because an older copy of it was put back, and that are carried out now.
    public var replayed = 0
    /// Acting keys that were destroyed because their day had come.
    public var dueKeys = 0
    /// Acting keys whose day has come and which a legal hold keeps.
    public var heldKeys = 0
    /// Holds whose day was over, and which an entry says so of now.
    public var holdsEnded = 0
    /// Redactions that a crash had interrupted, and that are finished now.
    public var redactions = 0
    /// Fences that had ended and were removed.
    public var fencesEnded = 0
    /// Files of erasures, with their certificates, whose time (`cases.keep` of the policy) was over.
    public var filesEnded = 0
    /// What retention did; `nil` if another process was at it, and where it is no duty: at a start.
    public var pruned: Pruned?
    /// Processes that did not say that they had forgotten a destroyed key; the erasures concerned stay under way.
    public var unanswered: Set<Int32> = []

    public init() {}

    public static func += (left: inout Duties, right: Duties) {
        left.finished += right.finished
        left.replayed += right.replayed
        left.dueKeys += right.dueKeys
        left.heldKeys += right.heldKeys
        left.holdsEnded += right.holdsEnded
        left.redactions += right.redactions
        left.fencesEnded += right.fencesEnded
        left.filesEnded += right.filesEnded
        left.pruned = right.pruned ?? left.pruned
        left.unanswered.formUnion(right.unanswered)
    }
}
