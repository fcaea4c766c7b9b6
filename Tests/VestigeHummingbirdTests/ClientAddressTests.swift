import Testing
import VestigePolicy

@testable import VestigeHummingbird

@Suite("The client's address")
struct ClientAddressTests {
    struct Case: Sendable {
        let peer: String?
        let forwarded: [String]
        let proxies: [String]
        let client: String?
    }

    @Test(
        "comes from X-Forwarded-For only as far as declared proxies wrote it",
        arguments: [
            Case(peer: "203.0.113.9", forwarded: ["10.0.0.7"], proxies: ["127.0.0.1"], client: "203.0.113.9"),
            Case(peer: "127.0.0.1", forwarded: [], proxies: ["127.0.0.1"], client: "127.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: ["6.6.6.6, 203.0.113.9"], proxies: ["127.0.0.1"], client: "203.0.113.9"),
            Case(
                peer: "127.0.0.1", forwarded: ["6.6.6.6", "203.0.113.9, 10.1.1.1"], proxies: ["127.0.0.1", "10.0.0.0/8"],
                client: "203.0.113.9"),
            Case(peer: "127.0.0.1", forwarded: ["10.1.1.2, 10.1.1.1"], proxies: ["127.0.0.1", "10.0.0.0/8"], client: "10.1.1.2"),
            Case(peer: "127.0.0.1", forwarded: ["203.0.113.9, unknown"], proxies: ["127.0.0.1"], client: "127.0.0.1"),
            Case(peer: "127.0.0.1", forwarded: ["203.0.113.9,"], proxies: ["127.0.0.1"], client: "127.0.0.1"),
            Case(peer: "::1", forwarded: ["[2001:db8::7]:4711"], proxies: ["::1"], client: "2001:db8::7"),
            Case(peer: "::ffff:127.0.0.1", forwarded: ["203.0.113.9:80"], proxies: ["127.0.0.1"], client: "203.0.113.9"),
            Case(peer: nil, forwarded: ["203.0.113.9"], proxies: ["127.0.0.1"], client: nil),
        ])
    func forwarded(_ given: Case) {
        #expect(
            ClientAddress.find(peer: given.peer, forwarded: given.forwarded, proxies: given.proxies.compactMap { AddressRange($0) })
                == given.client)
    }
}
