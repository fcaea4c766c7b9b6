import VestigeCrypto
import VestigeDesk
public import VestigeTrail

/// How far a sink has come: everything below ``next`` has arrived there.
public struct SinkCursor: Sendable, Equatable {
    /// The place of the first entry that is not known to have arrived.
    public let next: UInt64
    /// When that was last moved on; `nil` before the first time.
    public let confirmedAt: Timestamp?
    /// The desk's version of it: who moves it on must have the newest.
    let version: UInt64?
}

/// Where the cursors of sinks are kept: documents of the desk, `0x01 ‖ trail id 16 ‖ next u64 ‖ confirmed at u64`, big-endian.
///
/// A desk that is lost or put back makes a sink begin again or go back: entries arrive twice, none is left out.
struct SinkBook: Sendable {
    private static let collection = "sinks"
    private static let version: UInt8 = 1

    let desk: any DeskStore
    let trail: Bytes16

    func cursor(of sink: String) async throws -> SinkCursor {
        guard let document = try await desk.get(DeskPlace(Self.collection, sink)) else {
            return SinkCursor(next: 0, confirmedAt: nil, version: nil)
        }
        var reader = ByteReader(document.content)
        guard reader.integer(UInt8.self) == Self.version, let raw = reader.take(16), let trail = Bytes16(raw),
            let next = reader.integer(UInt64.self), let time = reader.integer(UInt64.self), document.content.count == 33,
            // After a recovery the trail is another one, and begins anew.
            trail == self.trail
        else { return SinkCursor(next: 0, confirmedAt: nil, version: document.version) }
        return SinkCursor(next: next, confirmedAt: Timestamp(microseconds: Int64(bitPattern: time)), version: document.version)
    }

    /// - Throws: ``LocalError/otherStream(_:)`` if another process has moved it on meanwhile.
    func move(_ sink: String, _ cursor: SinkCursor, to next: UInt64, at time: Timestamp) async throws -> SinkCursor {
        var content = [Self.version]
        trail.append(to: &content)
        content.append(bigEndian: next)
        content.append(bigEndian: UInt64(bitPattern: time.microseconds))
        do {
            let version = try await desk.put(content, at: DeskPlace(Self.collection, sink), replacing: cursor.version)
            return SinkCursor(next: next, confirmedAt: time, version: version)
        } catch DeskError.conflict {
            throw LocalError.otherStream(sink)
        }
    }
}
