import VestigePolicy
package import VestigeTrail

/// The entries of one act, sealed and on their way to the trail: one, or the parts of a long one, the first part first.
///
/// As bytes: version u8 (1) ‖ count u16, then for each entry header length u32 ‖ header ‖ header salt 32 ‖ payload length u32 ‖ payload ‖
/// payload salt 32, integers big-endian. They name nobody; what is personal in them goes with its key.
package struct SealedBatch: Sendable {
    static let version: UInt8 = 1

    /// Never empty.
    package let entries: [SealedEntry]

    /// By it the trail knows whether the act stands there already.
    package var id: EntryID { entries[0].header.id }

    /// - Throws: ``RecordingError/refused(member:problem:)`` when there is nothing in it.
    package init(_ entries: [SealedEntry]) throws(RecordingError) {
        guard !entries.isEmpty, entries.count <= Int(UInt16.max) else {
            throw .refused(member: "entry", problem: "an act has 1 to \(UInt16.max) parts, not \(entries.count)")
        }
        self.entries = entries
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = [SealedBatch.version]
        SealedBatch.append(UInt16(entries.count), to: &bytes)
        for entry in entries {
            SealedBatch.append(UInt32(entry.headerBytes.count), to: &bytes)
            bytes += entry.headerBytes
            bytes += entry.headerSalt
            SealedBatch.append(UInt32(entry.payloadBytes.count), to: &bytes)
            bytes += entry.payloadBytes
            bytes += entry.payloadSalt
        }
        return bytes
    }

    /// - Throws: ``SpoolError/damaged(_:)`` for anything that ``encoded()`` does not write, and for entries that only Vestige may write.
    package init(decoding bytes: [UInt8]) throws(SpoolError) {
        var rest = bytes[...]
        func take(_ count: Int) throws(SpoolError) -> [UInt8] {
            guard rest.count >= count else { throw .damaged("a sealed entry ends too early") }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func number(_ count: Int) throws(SpoolError) -> Int { try take(count).reduce(0) { $0 << 8 | Int($1) } }
        guard try number(1) == Int(SealedBatch.version) else { throw .damaged("a sealed entry is of another version") }
        var entries: [SealedEntry] = []
        for _ in 0..<(try number(2)) {
            let header = try take(try number(4))
            let headerSalt = try take(SealedEntry.saltByteCount)
            let payload = try take(try number(4))
            let payloadSalt = try take(SealedEntry.saltByteCount)
            let entry: SealedEntry
            do {
                entry = try SealedEntry(
                    headerBytes: header, headerSalt: headerSalt, payloadBytes: payload, payloadSalt: payloadSalt)
            } catch {
                throw .damaged("\(error)")
            }
            guard !Code.isBuiltIn(channel: entry.header.channel), !Code.isBuiltIn(action: entry.header.action) else {
                throw .damaged("it holds an entry that only Vestige may write")
            }
            entries.append(entry)
        }
        guard rest.isEmpty, !entries.isEmpty else { throw .damaged("a sealed entry does not end where it says") }
        self.entries = entries
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
