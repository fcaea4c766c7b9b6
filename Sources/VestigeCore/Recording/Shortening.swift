import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Values that are too long are kept as their length and a hash, so that size never loses an act.
extension FieldValue {
    /// - Parameter hash: of its bytes, in hexadecimal.
    func shortened<Failure: Error>(to byteCountMax: Int, hash: ([UInt8]) throws(Failure) -> String) throws(Failure) -> FieldValue {
        guard case .text(let text) = self, text.utf8.count > byteCountMax else { return self }
        return .large(byteCount: text.utf8.count, hash: try hash(Array(text.utf8)))
    }
}

extension FieldChange {
    func shortened<Failure: Error>(to byteCountMax: Int, hash: ([UInt8]) throws(Failure) -> String) throws(Failure) -> FieldChange {
        FieldChange(
            before: try before?.shortened(to: byteCountMax, hash: hash), after: try after?.shortened(to: byteCountMax, hash: hash))
    }
}

extension ClearChanges {
    /// Longer values with their SHA-256: whoever may read the others may compare these.
    static func encode(_ changes: [String: FieldChange], valuesUpTo byteCountMax: Int) -> [UInt8] {
        encode(changes.mapValues { $0.shortened(to: byteCountMax) { sha256($0).hex } })
    }
}

extension SubjectSlot {
    /// Of its encoding, longer values counted as what is kept of them.
    func byteCount(valuesUpTo byteCountMax: Int) -> Int {
        var slot = self
        slot.changes = changes.mapValues { $0.shortened(to: byteCountMax) { _ in String(repeating: "0", count: 64) } }
        return slot.encoded().count
    }
}

extension Draft {
    /// Tried one after another; less would be shorter than the hash.
    private static let valueByteCounts = [FieldValue.byteCountMax, 1024, 256, 64]

    /// Shortens more and more values, until what one person's slot holds fits into an entry.
    mutating func fit(_ clearChanges: [String: FieldChange]) {
        if !clearChanges.isEmpty {
            clear.removeLast()
            let half = room / 2
            let encodings = Draft.valueByteCounts.lazy.map { ClearChanges.encode(clearChanges, valuesUpTo: $0) }
            clear.append(encodings.first { $0.count <= half } ?? encodings[encodings.endIndex - 1])
        }
        let room = room
        for place in subjects.indices {
            let slot = subjects[place].slot
            let fitting = Draft.valueByteCounts.first { Draft.byteCount(ofSubject: slot, valuesUpTo: $0) <= room }
            subjects[place].valueByteCountMax = fitting ?? Draft.valueByteCounts[Draft.valueByteCounts.count - 1]
        }
    }
}
