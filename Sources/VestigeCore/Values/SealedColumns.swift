import VestigeVault

/// What is done with the sealed columns of one record; ``Recordable/visitSealed(_:)`` shows it each of them.
///
/// ```swift
/// mutating func visitSealed(_ columns: inout SealedColumns) throws {
///     try columns(&name, "name")
///     try columns(&email, "email")
/// }
/// ```
public struct SealedColumns {
    enum Work {
        /// Counts what is closed, or not sealed yet.
        case count
        /// nil: their person has no key any more.
        case open(Vault.LoadedPerson?)
        /// nil: the key is not there yet, and what is written now will be rolled back.
        case seal(Vault.LoadedPerson?)
        case unseal
        /// Remembers the plaintext of open texts.
        case read
        /// Remembers columns, or takes over what is known of those with the same bytes.
        case remember
        case recall([String: any Sendable])
    }

    let type: String
    let work: Work
    /// Only these; nil: all.
    var fields: Set<String>?
    var count = 0
    var closedCount = 0
    var unsealedCount = 0
    var texts: [String: String] = [:]
    var remembered: [String: any Sendable] = [:]

    init(type: String, _ work: Work, fields: Set<String>? = nil) {
        self.type = type
        self.work = work
        self.fields = fields
    }

    /// - Parameter field: as the policy calls it.
    public mutating func callAsFunction<Value>(_ column: inout Sealed<Value>, _ field: String) throws {
        if let fields, !fields.contains(field) { return }
        // Under which the vault knows the field.
        let name = "\(type).\(field)"
        switch work {
        case .count:
            count += 1
            if column.state == .closed { closedCount += 1 }
            if column.stored == nil { unsealedCount += 1 }
        case .open(let person):
            guard column.state == .closed, let stored = column.stored else { return }
            guard let person else { return column.shut(.erased) }
            do {
                column.open(try person.open(stored, as: Value.self, field: name))
            } catch {
                // A case each in `catch` crashes the compiler (6.3.1).
                guard error == .valueUnderAnotherKey || error == .valueDamaged else { throw error }
                column.shut(.unreadable)
            }
        case .seal(let person):
            guard column.stored == nil, let value = column.value else { return }
            column.seal(try person?.seal(value, field: name) ?? .placeholder)
        case .unseal:
            column.unseal()
        case .read:
            if let text = column.value as? String { texts[field] = text }
        case .remember:
            remembered[field] = column
        case .recall(let others):
            if let other = others[field] as? Sealed<Value>, other.stored == column.stored { column = other }
        }
    }

    /// A column that may be NULL.
    public mutating func callAsFunction<Value>(_ column: inout Sealed<Value>?, _ field: String) throws {
        guard var present = column else { return }
        try self(&present, field)
        column = present
    }
}
