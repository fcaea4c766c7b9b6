/// What the policy says about one type of record.
public struct RecordRule: Sendable, Equatable {
    /// Whether ids of this type may stand in clear in a header. Never so where the record is a person.
    public let idIsClear: Bool
    public let subject: SubjectRule
    /// Where looks at such a record are recorded.
    public let lookChannel: String
    /// Where every other act on it is recorded.
    public let changeChannel: String
    /// A field that is not named here is personal, and counts as `other` in a header.
    public let fields: Declarations<FieldRule>
    public let reads: ReadRule
    public let details: Declarations<DetailKind>

    /// Whether a field is personal. One that the policy does not name is.
    public func isPersonal(field: String) -> Bool { fields[field]?.category != nil || !fields.contains(field) }
}

/// Whom a record is about.
public enum SubjectRule: Sendable, Equatable {
    /// The record is the person (`subject: self`).
    case itself
    /// A field holds the id of the person, a record of another type.
    case field(type: String, from: String)
    /// Nobody.
    case none
}

/// What the policy says about one field.
public struct FieldRule: Sendable, Equatable {
    /// nil: not personal (`personal: no`).
    public let category: PersonalCategory?
    /// Whether hosts may keep a blind index on it in the vault.
    public let isSearchable: Bool
    /// The form in which values of a searchable field are compared.
    public let normalisation: Normalisation
}

/// Kinds of personal data, as in the record of processing activities (GDPR Art. 30(1)(c)). `health` stands for Art. 9.
public enum PersonalCategory: String, Sendable, CaseIterable {
    case identity, contact, financial, health, location, behaviour, other
}

/// How looks at records of a type are recorded.
public struct ReadRule: Sendable, Equatable {
    public enum Log: String, Sendable, CaseIterable {
        /// Looks at one record.
        case detail
        /// Looks at one record, and list pages too (one entry for each page).
        case list
        /// No look is recorded.
        case none
    }

    /// What happens to a look that cannot be recorded.
    public enum Failure: String, Sendable, CaseIterable {
        /// The data is not disclosed.
        case refuse
        /// The look goes to the local spool first; if that fails too it is refused.
        case spool
    }

    public let log: Log
    public let purposeIsRequired: Bool
    public let onFailure: Failure

    package init(log: Log = .detail, purposeIsRequired: Bool = false, onFailure: Failure = .refuse) {
        self.log = log
        self.purposeIsRequired = purposeIsRequired
        self.onFailure = onFailure
    }

    public var logsDetail: Bool { log != .none }
    public var logsLists: Bool { log == .list }
}

/// What a declared detail may hold. Text is not among them: it could name somebody.
public enum DetailKind: Sendable, Equatable {
    /// A 64-bit signed whole number.
    case number
    case boolean
    /// `YYYY-MM-DDThh:mm:ss.ffffffZ`
    case time
    /// One of these codes.
    case codes([String])
}
