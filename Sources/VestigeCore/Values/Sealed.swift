public import VestigeVault

/// A personal value of a host's record: sealed in the host's table, open in memory once a recorded store or database handed its record out.
///
/// ```swift
/// struct Person: Codable, FetchableRecord, PersistableRecord {
///     var id: String
///     var email: Sealed<String>
///     var department: String
/// }
/// ```
/// The record says which of its values are sealed in ``Recordable/visitSealed(_:)``. A store opens the ones that are to be shown and no others.
/// What was opened keeps its sealed bytes for as long as it is not changed, so saving a record writes only the columns that differ.
///
/// Reading the plaintext takes ``value``; it prints as `sealed(…)`.
public struct Sealed<Value: Codable & Equatable & Sendable>: Sendable {
    /// What can be had of the value.
    public enum State: Sendable, Equatable {
        /// As it came from the table: nobody has asked for it.
        case closed
        case open
        /// The vault holds no key for its person any more.
        case erased
        /// It does not open under its person's present key: sealed before they were erased and came back, or moved or changed in the table.
        /// Write it anew.
        case unreadable
    }

    public private(set) var state: State
    /// nil unless it is ``State/open``.
    public private(set) var value: Value?
    /// What stands in the table; nil for a value that is not sealed yet.
    package private(set) var stored: SealedValue?

    /// A new value, which is sealed when its record is written.
    public init(_ value: Value) {
        state = .open
        self.value = value
    }

    /// A column as it was read.
    public init(stored: SealedValue) {
        state = .closed
        self.stored = stored
    }

    /// The vault holds no key for its person any more.
    public var isErased: Bool { state == .erased }

    /// Gives it another value. Giving it the one that it has changes nothing, not even the bytes in the table.
    public mutating func set(_ value: Value) {
        guard self.value != value else { return }
        self = Sealed(value)
    }

    package mutating func open(_ value: Value) {
        state = .open
        self.value = value
    }

    package mutating func shut(_ state: State) {
        self.state = state
        value = nil
    }

    package mutating func seal(_ stored: SealedValue) { self.stored = stored }

    /// For another person than the one that it was sealed for. What cannot be read stays as it is.
    package mutating func unseal() {
        if state == .open { stored = nil }
    }
}

/// Two that are open are equal if their values are; otherwise the bytes are compared.
extension Sealed: Equatable {
    public static func == (left: Sealed, right: Sealed) -> Bool {
        left.state == right.state && left.value == right.value && (left.state == .open || left.stored == right.stored)
    }
}

/// As its ``SealedValue``: base64 in JSON. What is not sealed yet is not written at all, so that no plaintext can slip out.
extension Sealed: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(stored: try SealedValue(from: decoder))
    }

    public func encode(to encoder: any Encoder) throws {
        guard let stored else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "a value is not sealed yet; write its record first"))
        }
        try stored.encode(to: encoder)
    }
}

extension Sealed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "sealed(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

// For `recordedFields`: nil for what is not open, which is as good as absent.

extension Sealed where Value == String {
    public var recorded: FieldValue? { value.map { .text($0) } }
}

extension Sealed where Value: BinaryInteger {
    public var recorded: FieldValue? { value.map { FieldValue($0) } }
}

extension Sealed where Value == Bool {
    public var recorded: FieldValue? { value.map { .boolean($0) } }
}
