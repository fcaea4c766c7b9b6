import Glibc

/// A connected TCP socket by its descriptor, and what only the operating system knows of it.
struct ConnectedSocket: Sendable {
    /// For the one who reads and writes.
    let descriptor: Int32
    /// The same socket under a second descriptor: to ask how much has been acknowledged, after the first one was closed too.
    let observer: Int32

    /// Names are looked up anew for each connection; every address is tried in the order given. Blocks its thread.
    ///
    /// - Throws: ``StreamError/unreachable(_:)``
    static func connect(host: String, port: Int, within time: Duration) throws(StreamError) -> ConnectedSocket {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { throw .unreachable(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var last: Int32 = 0
        var next = list
        while let address = next?.pointee {
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            if descriptor >= 0 {
                last = connect(descriptor, address, within: time)
                if last == 0 {
                    let observer = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
                    if observer >= 0 { return ConnectedSocket(descriptor: descriptor, observer: observer) }
                    last = errno
                }
                close(descriptor)
            } else {
                last = errno
            }
            next = address.ai_next
        }
        throw .unreachable(String(cString: strerror(last)))
    }

    /// 0, or an errno.
    private static func connect(_ descriptor: Int32, _ address: addrinfo, within time: Duration) -> Int32 {
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(clamping: time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000)
        guard poll(&waiting, 1, milliseconds) > 0 else { return ETIMEDOUT }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 else { return errno }
        return failure
    }

    /// Bytes that the receiver's machine has not acknowledged, those not yet sent among them.
    var unacknowledged: Int {
        var count: Int32 = 0
        return ioctl(observer, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : .max
    }

    func closeObserver() { close(observer) }
}
