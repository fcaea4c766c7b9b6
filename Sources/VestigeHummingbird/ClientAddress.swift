package import Hummingbird
package import VestigePolicy

/// Finds the address of the one who asks, behind proxies that the policy names and nobody else.
package enum ClientAddress {
    private static let header = HTTPFields.Element.Name("X-Forwarded-For")

    package static func find(peer: String?, request: Request, proxies: [AddressRange]) -> String? {
        find(peer: peer, forwarded: header.map { request.headers[values: $0] } ?? [], proxies: proxies)
    }

    /// The same where it decides who is let pass: nil when a proxy wrote something else than an address, since its own address is not the
    /// client's.
    package static func findSurely(peer: String?, request: Request, proxies: [AddressRange]) -> String? {
        let found = trace(peer: peer, forwarded: header.map { request.headers[values: $0] } ?? [], proxies: proxies)
        return found.isSure ? found.address : nil
    }

    /// The last hop that is none of `proxies`.
    ///
    /// `X-Forwarded-For` grows to the right, and anybody may send one. So it is read from the right, only while the hop that wrote the
    /// next part is a proxy of the policy: the first other address is the client's. What stands left of it is hearsay and ignored.
    ///
    /// - Parameters:
    ///   - peer: The other end of the connection.
    ///   - forwarded: The values of `X-Forwarded-For`, in the order of the request's lines.
    /// - Returns: nil when the connection has no address.
    static func find(peer: String?, forwarded: [String], proxies: [AddressRange]) -> String? {
        trace(peer: peer, forwarded: forwarded, proxies: proxies).address
    }

    private static func trace(peer: String?, forwarded: [String], proxies: [AddressRange]) -> (address: String?, isSure: Bool) {
        guard var client = peer else { return (nil, false) }
        var hops = forwarded.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        while proxies.contains(address: client), let hop = hops.popLast() {
            // A trusted proxy that wrote something else than an address told us nothing: the proxy itself is the last we know.
            guard let address = address(in: hop) else { return (client, false) }
            client = address
        }
        return (client, true)
    }

    /// An address, alone or with a port: `10.0.0.7`, `10.0.0.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
    private static func address(in hop: Substring) -> String? {
        var text = hop.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        if text.first == "[", let close = text.firstIndex(of: "]") {
            text = text[text.index(after: text.startIndex)..<close]
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            text = text[..<colon]
        }
        return IPAddress(text) == nil ? nil : String(text)
    }
}
