import CSodium

/// Lower-case hexadecimal, for values that are not secret.
public enum Hex {
    /// Two lower-case digits a byte.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { output in
            var position = 0
            for byte in bytes {
                output[position] = digit(byte >> 4)
                output[position + 1] = digit(byte & 15)
                position += 2
            }
            return position
        }
    }

    /// `nil` unless `text` is exactly `byteCount` bytes in lower-case digits.
    public static func decode(_ text: some StringProtocol, byteCount: Int) -> [UInt8]? {
        // Copied out of the generic text at once: digit by digit it costs ten times as much, and every header holds several.
        let digits = [UInt8](text.utf8)
        guard digits.count == byteCount * 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        var high: UInt8?
        for character in digits {
            guard let nibble = value(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return bytes
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 48...57: character - 48
        case 97...102: character - 87
        default: nil
        }
    }
}

/// Standard base64 with padding (RFC 4648 §4), by libsodium, in constant time.
public enum Base64 {
    public static func encode(_ bytes: [UInt8]) -> String {
        let capacity = sodium_base64_encoded_len(bytes.count, sodium_base64_VARIANT_ORIGINAL)
        return String(unsafeUninitializedCapacity: capacity) { output in
            _ = sodium_bin2base64(
                UnsafeMutableRawBufferPointer(output).characters, capacity, bytes, bytes.count, sodium_base64_VARIANT_ORIGINAL)
            return capacity - 1  // the terminating zero
        }
    }

    /// `nil` if `text` is not the canonical padded form.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = [UInt8](text.utf8)
        let capacity = characters.count / 4 * 3
        guard characters.count % 4 == 0 else { return nil }
        var valid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            count = characters.withUnsafeBytes { decode($0, into: UnsafeMutableRawBufferPointer(output)) } ?? 0
            valid = count > 0 || characters.isEmpty
        }
        return valid ? bytes : nil
    }

    /// The number of bytes written, or `nil` if `text` is not canonical or does not fit.
    static func decode(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        guard let start = text.baseAddress, let target = output.baseAddress else { return text.isEmpty ? 0 : nil }
        var count = 0
        let result = sodium_base642bin(
            target.assumingMemoryBound(to: UInt8.self), output.count, start.assumingMemoryBound(to: CChar.self), text.count, nil, &count,
            nil,
            sodium_base64_VARIANT_ORIGINAL)
        return result == 0 ? count : nil
    }
}
