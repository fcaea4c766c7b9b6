import VestigeCrypto

@testable import VestigeTrail

/// SplitMix64: the same numbers at every run, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func bytes16() -> Bytes16 { Bytes16(bytes(16)) ?? .zero }

    mutating func bytes32() -> Bytes32 { Bytes32(bytes(32)) ?? .zero }

    mutating func flag() -> Bool { Bool.random(using: &self) }

    mutating func time() -> Timestamp {
        Timestamp(microseconds: Int64.random(in: 0...Timestamp.latest.microseconds, using: &self))
    }

    mutating func maybe<Value>(_ make: (inout Seeded) -> Value) -> Value? {
        flag() ? make(&self) : nil
    }

    private static let pieces = [
        "a", "Z", "0", "_", "-", " ", "\"", "\\", "/", "\u{0}", "\u{1}", "\u{8}", "\t", "\n", "\r", "\u{B}", "\u{1F}", "\u{7F}", "é",
        "e\u{301}", "ß", "Ж", "λ", "ا", "א", "中", "한", "ก", "न", "😀", "👩‍👩‍👧", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "{", "}", "[", "]", ":", ",",
        "null",
    ]

    /// Up to 12 pieces in many scripts, with all that JSON must escape.
    mutating func text() -> String {
        (0..<Int.random(in: 0...12, using: &self)).map { _ in Seeded.pieces.randomElement(using: &self) ?? "" }.joined()
    }

    /// A header in which every member comes and goes.
    mutating func header() -> Header {
        Header(
            id: EntryID.make(at: time()), occurredAt: time(), channel: text(), event: text(), action: text(),
            status: EntryStatus.allCases.randomElement(using: &self) ?? .success, actor: actor(), behalf: maybe { $0.actor() },
            record: maybe { seed in
                RecordHandle(type: seed.text(), id: seed.maybe { $0.text() }, handle: seed.maybe { $0.bytes16() })
            },
            subjects: (0..<Int.random(in: 0...4, using: &self)).map { _ in bytes16() },
            fields: (0..<Int.random(in: 0...4, using: &self)).map { _ in text() }, other: Int.random(in: 0...3, using: &self),
            purpose: maybe { $0.text() }, activity: maybe { $0.text() }, correlationID: maybe { $0.text() }, recipient: maybe { $0.text() },
            part: maybe { Part(n: Int.random(in: 0...9, using: &$0), of: Int.random(in: 0...9, using: &$0)) },
            details: details(), policy: maybe { $0.bytes32() },
            description: maybe { seed in
                let gaps = (0..<Int.random(in: 0...12, using: &seed)).map { ($0, seed.text()) }
                return HeaderDescription(template: seed.text(), clear: Dictionary(uniqueKeysWithValues: gaps))
            })
    }

    private mutating func actor() -> ActorReference {
        let identities: [ActorReference.Identity] = [.none, .oneself, .pseudonym(bytes16())]
        return ActorReference(type: text(), identity: identities.randomElement(using: &self) ?? .none, role: maybe { $0.text() })
    }

    private mutating func details() -> [String: HeaderDetail] {
        var details: [String: HeaderDetail] = [:]
        for _ in 0..<Int.random(in: 0...5, using: &self) {
            let values: [HeaderDetail] = [
                .integer(Int64.random(in: .min ... .max, using: &self)), .integer(0), .integer(.min), .integer(.max), .boolean(flag()),
                .time(time()), .code(text()),
            ]
            details[text()] = values.randomElement(using: &self)
        }
        return details
    }
}
