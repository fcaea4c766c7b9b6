/// An IPv4 or IPv6 address as 128 bits. IPv4 stands in `::ffff:0:0/96`, so `::ffff:10.0.0.7` and `10.0.0.7` are equal.
public struct IPAddress: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads dotted decimal (no leading zeros, which some readers take for octal) or RFC 4291 text; a zone (`%eth0`) is
    /// left out; nil for anything else, host names and ports included.
    public init?(_ text: some StringProtocol) {
        let address = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if !address.contains(":") {
            guard let value = Self.dotted(address) else { return nil }
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(value))
            return
        }
        guard let groups = Self.groups(address) else { return nil }
        func word(_ range: Range<Int>) -> UInt64 { groups[range].reduce(0) { $0 << 16 | UInt64($1) } }
        self.init(high: word(0..<4), low: word(4..<8))
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    private static func dotted(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }), let octet = UInt8(part),
                part == String(octet)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    /// The eight groups, with `::` filled in.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let left = list(halves[0], canEndDotted: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return left.count == 8 ? left : nil }
        guard let right = list(halves[1], canEndDotted: true), left.count + right.count < 8 else { return nil }
        return left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
    }

    private static func list(_ text: Substring, canEndDotted: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (place, part) in parts.enumerated() {
            if canEndDotted, place == parts.count - 1, part.contains("."), let value = dotted(part) {
                groups += [UInt16(value >> 16), UInt16(truncatingIfNeeded: value)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.first != 43, part.utf8.first != 45, let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}

/// A range of addresses in CIDR form: `10.0.0.0/8`, `2001:db8::/32`; an address alone is a range of one.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// As it stands in the policy.
    public let description: String
    let base: IPAddress
    /// Over 128 bits; an IPv4 prefix counts 96 more.
    let prefix: Int

    /// nil unless `text` is an address with a prefix length that fits it and no bits set behind the prefix.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, !text.contains("%"), let address = IPAddress(parts[0]) else { return nil }
        let offset = parts[0].contains(":") ? 0 : 96
        var length = 128
        if parts.count == 2 {
            guard let given = Int(parts[1]), String(given) == parts[1], (0...(128 - offset)).contains(given) else { return nil }
            length = given + offset
        }
        guard Self.masked(address, to: length) == address else { return nil }
        (description, base, prefix) = (String(text), address, length)
    }

    /// Whether the range spans every address of its family.
    var isEverything: Bool { prefix == 0 || (base.isIPv4 && prefix == 96) }

    public func contains(_ address: IPAddress) -> Bool { Self.masked(address, to: prefix) == base }

    /// Whether every address of `other` is one of ours.
    func contains(_ other: AddressRange) -> Bool { other.prefix >= prefix && contains(other.base) }

    private static func masked(_ address: IPAddress, to prefix: Int) -> IPAddress {
        // Swift's smart shift gives 0 for a shift by 64, which is what a mask of no bits needs.
        let high: UInt64 = UInt64.max << (64 - Swift.min(prefix, 64))
        let low: UInt64 = UInt64.max << (64 - Swift.max(prefix - 64, 0))
        return IPAddress(high: address.high & high, low: address.low & low)
    }
}

extension [AddressRange] {
    /// Whether `address` lies in one of the ranges. Text that is no address lies in none.
    public func contains(address: some StringProtocol) -> Bool {
        guard let parsed = IPAddress(address) else { return false }
        return contains { $0.contains(parsed) }
    }
}
