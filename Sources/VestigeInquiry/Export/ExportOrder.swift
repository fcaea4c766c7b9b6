public import VestigeCore
public import VestigeTrail

/// What is sealed and may be taken out opened. Without it an export holds pseudonyms.
public enum OpenedPart: String, Sendable, CaseIterable {
    /// Who acted: id, name, e-mail, address, user agent, session. Needs the right `open-actors`.
    case actors
    /// What is sealed about the people concerned: their record's id, page, before and after, case, justification. Needs `open-subjects`.
    case subjects
}

/// One export: what, how, for whom and why.
public struct ExportOrder: Sendable {
    public var filter: EntryFilter
    /// One of ``EntryFormat/ofExports``.
    public var format: EntryFormat
    /// At most so many entries, the newest; `nil`: all.
    public var limit: Int?
    public var opening: Set<OpenedPart>
    public var asker: Asker
    public var source: ExportSource
    /// When it is made, for the file itself.
    public var at: Timestamp

    public init(
        _ filter: EntryFilter, format: EntryFormat, limit: Int? = nil, opening: Set<OpenedPart> = [], asker: Asker, source: ExportSource,
        at: Timestamp
    ) {
        self.filter = filter
        self.format = format
        self.limit = limit
        self.opening = opening
        self.asker = asker
        self.source = source
        self.at = at
    }

    /// `audit-log-2026-05-04T091233Z.csv`
    public var fileName: String {
        let time = at.description.prefix(19).filter { $0 != ":" }
        return "audit-log-\(time)Z.\(format.fileExtension)"
    }
}

/// Where exported lines say they come from.
public struct ExportSource: Sendable, Equatable {
    /// The number that RFC 5612 keeps for documentation: nobody's.
    public static let documentationEnterprise: UInt32 = 32473

    /// Whose trail it is: the tenant's name, else the trail's origin.
    public var tenant: String
    /// The machine (RFC 5424 HOSTNAME).
    public var host: String
    public var processID: Int32
    /// The private enterprise number (IANA) in the name of the structured data.
    public var enterprise: UInt32
    public var version: String

    public init(
        tenant: String, host: String, processID: Int32, enterprise: UInt32 = ExportSource.documentationEnterprise,
        version: String = Vestige.version
    ) {
        self.tenant = tenant
        self.host = host
        self.processID = processID
        self.enterprise = enterprise
        self.version = version
    }
}
