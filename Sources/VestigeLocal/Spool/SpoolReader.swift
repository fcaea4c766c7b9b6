import VestigeCore
import VestigeCrypto

/// What a spool file still holds, and what in it is not what was written there.
///
/// A record cut off at the end is the trace of a crash: it was not durable, so nobody was told that it was, and nothing is said. Everything
/// else that cannot be read is named in ``damage``; what stands before and behind it is read all the same.
struct SpoolReader {
    private let key: SpoolKey
    private let spool: String
    private let bytes: [UInt8]

    private(set) var live = LiveActs()
    private(set) var damage: [SpoolError] = []
    /// Of the newest record that can be believed; 0 if there is none.
    private(set) var lastSequence: UInt64 = 0

    /// - Parameter spool: the id that the file's name gives. The file's own head only confirms it; the codes decide.
    init(_ bytes: [UInt8], spool: Bytes16, key: SpoolKey) {
        self.key = key
        self.spool = spool.hex
        self.bytes = bytes
        // A file shorter than its head was being made when its process died.
        guard bytes.count >= SpoolRecord.fileHeadByteCount else { return }
        if Array(bytes[..<SpoolRecord.fileHeadByteCount]) != SpoolRecord.fileHead(of: spool) {
            report("the file's head is of another version or another spool")
        }
        read(from: SpoolRecord.fileHeadByteCount)
    }

    private mutating func read(from start: Int) {
        var offset = start
        while offset + SpoolRecord.headByteCount <= bytes.count {
            if let head = SpoolRecordHead(bytes, at: offset) {
                // Its length is believed, so its end was never written.
                guard offset + head.frameByteCount <= bytes.count else { return }
                take(head, at: offset)
                offset += head.frameByteCount
            } else {
                // Room that the file system had given before the bytes came.
                if bytes[offset...].allSatisfy({ $0 == 0 }) { return }
                let next = nextRecord(after: offset)
                report("what stands from byte \(offset) to \(next ?? bytes.count) is no record")
                guard let next else { return }
                offset = next
            }
        }
    }

    private mutating func take(_ head: SpoolRecordHead, at offset: Int) {
        guard let record = authentic(head, at: offset) else {
            return report("record \(head.sequence) at byte \(offset) was changed, or not written with this keyring")
        }
        guard record.sequence > lastSequence, record.reference < record.sequence else {
            return report("record \(record.sequence) at byte \(offset) stands out of order")
        }
        lastSequence = record.sequence
        if record.kind == .settled { return live.remove(record.ticket) }
        do {
            live.insert(record, try SealedBatch(decoding: record.batch))
        } catch {
            report("record \(record.sequence) at byte \(offset) holds no entry (\(error))")
        }
    }

    private func authentic(_ head: SpoolRecordHead, at offset: Int) -> SpoolRecord? {
        let batch = offset + SpoolRecord.headByteCount..<offset + SpoolRecord.headByteCount + head.length
        let record = SpoolRecord(sequence: head.sequence, kind: head.kind, reference: head.reference, batch: Array(bytes[batch]))
        let code = bytes[batch.upperBound..<batch.upperBound + SpoolKey.codeByteCount]
        return record.isAuthentic(code, key: key, spool: spool) ? record : nil
    }

    /// Where reading can go on behind bytes that are no record: only a code that is right is trusted there.
    private func nextRecord(after offset: Int) -> Int? {
        var candidate = offset + 1
        while candidate + SpoolRecord.frameByteCountMin <= bytes.count {
            if let head = SpoolRecordHead(bytes, at: candidate), candidate + head.frameByteCount <= bytes.count,
                authentic(head, at: candidate) != nil
            {
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    private mutating func report(_ what: String) {
        damage.append(.damaged("spool/\(spool).spool: \(what); it was left out, everything else was read"))
    }
}
