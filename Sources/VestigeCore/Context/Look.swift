import VestigeTrail
package import VestigeVault

/// One look that a store took: which record, about whom, which of its fields were handed out.
package struct Look: Sendable, Equatable {
    /// Without an id: a page of a list.
    package var record: RecordReference
    /// nil where the record itself is the person and nobody else is named.
    package var subjects: [SubjectID]?
    package var fields: [String]
    /// False: there is no such record, or it may not be seen. Nobody comes to be known by it.
    package var isFound: Bool
    /// A page on which nothing was. Only where a page is what the request asks for does it say that the answer shows nobody.
    package private(set) var isEmptyList = false

    package init(record: RecordReference, subjects: [SubjectID]?, fields: [String], isFound: Bool = true) {
        self.record = record
        self.subjects = subjects
        self.fields = fields
        self.isFound = isFound
    }

    /// A page of a list with nothing on it.
    package static func emptyList(of type: String) -> Look {
        var look = Look(record: RecordReference(type: type, id: nil), subjects: [], fields: [])
        look.isEmptyList = true
        return look
    }

    /// The entry of a look that stands by itself; who and why come from the context.
    package func entry(event: String = "read") -> Entry {
        Entry(
            event: event, status: isFound ? .success : .failure, record: record,
            subjects: subjects.map { $0.map { EntrySubject($0) } }, fields: isFound ? fields : [])
    }
}

extension Recorder {
    /// Takes note of a look before its data is handed to the host.
    ///
    /// In a request whose answer has not begun it waits for the request's one entry; otherwise it is durable on return, in the trail
    /// or, where the policy says `on_failure: spool`, in the spool.
    ///
    /// - Throws: ``RecordingError``; the data may not be handed out then.
    package func take(_ look: Look) async throws {
        let slot = AuditScope.slot
        if let slot, slot.hold(look) { return }
        try await recordDurably(look.entry(event: slot?.streamedEvent ?? "read"))
    }
}
