import Testing
import VestigePolicy

@Suite("Addresses and ranges")
struct AddressTests {
    @Test(
        "a range contains its addresses",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1"), ("127.0.0.1/32", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("10.0.0.0/8", "::ffff:10.0.0.7"),
            ("0.0.0.0/0", "203.0.113.9"), ("2001:db8::/32", "2001:db8:1::7"), ("::1/128", "0:0:0:0:0:0:0:1"), ("fe80::/10", "fe80::1%eth0"),
            ("::/0", "10.0.0.1"), ("2001:db8::/65", "2001:db8::7fff:ffff:ffff:ffff"), ("::ffff:10.0.0.0/104", "10.1.2.3"),
        ])
    func inside(range: String, address: String) throws {
        #expect([try #require(AddressRange(range))].contains(address: address))
    }

    @Test(
        "a range does not contain others, nor what is no address",
        arguments: [
            ("10.0.0.0/8", "11.0.0.1"), ("127.0.0.1/32", "127.0.0.2"), ("10.0.0.0/8", "10.0.0.1:8080"), ("10.0.0.0/8", "host"),
            ("10.0.0.0/8", ""), ("0.0.0.0/0", "2001:db8::1"), ("2001:db8::/32", "2001:db9::1"), ("2001:db8::/65", "2001:db8::8000:0:0:0"),
        ])
    func outside(range: String, address: String) throws {
        #expect(![try #require(AddressRange(range))].contains(address: address))
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "", "/", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0", "10.0.0.256", "010.0.0.1",
            "1:2:3",
            "1::2::3", "::1/129", "2001:db8::1/32", "12345::", "::g", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", ":1:2:3:4:5:6:7",
            "fe80::1%eth0",
            "::1.2.3", "1.2.3.4::",
        ])
    func refused(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
