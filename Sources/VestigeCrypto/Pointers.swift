/// libsodium speaks of `unsigned char *`; buffers here are raw and, where these are used, never empty.
extension UnsafeRawBufferPointer {
    var octets: UnsafePointer<UInt8> {
        guard let baseAddress else { preconditionFailure("an empty buffer where bytes are needed") }
        return baseAddress.assumingMemoryBound(to: UInt8.self)
    }
}

extension UnsafeMutableRawBufferPointer {
    var octets: UnsafeMutablePointer<UInt8> {
        guard let baseAddress else { preconditionFailure("an empty buffer where bytes are needed") }
        return baseAddress.assumingMemoryBound(to: UInt8.self)
    }

    var characters: UnsafeMutablePointer<CChar> {
        guard let baseAddress else { preconditionFailure("an empty buffer where bytes are needed") }
        return baseAddress.assumingMemoryBound(to: CChar.self)
    }
}
