/// Why an entry was not recorded. No message repeats a value or an id; names of fields and codes are repeated only where they have the form of one.
public enum RecordingError: Error, Sendable, Equatable {
    /// The entry says something that the policy or the format does not allow; `member` names the place in it.
    case refused(member: String, problem: String)
    /// The same id was recorded before with something else in `member`.
    case conflict(member: String)
    /// The policy does not let this field of a record be sealed, or searched, by ``PersonalValues``; nothing was done.
    case unusableField(type: String, field: String, problem: String)
    /// Trail or vault could not take it; nothing was written and nothing may be disclosed.
    case unavailable(String)
}

extension RecordingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let member, let problem): "\(member): \(problem); the entry was not recorded"
        case .conflict(let member):
            "id: an entry with this id was recorded before with another \(member); it stands as it was, give a new entry a new id"
        case .unusableField(let type, let field, let problem):
            "records.\(type).fields.\(field): \(problem); nothing was sealed, indexed or looked up"
        case .unavailable(let what): "the entry could not be recorded: \(what)"
        }
    }
}
