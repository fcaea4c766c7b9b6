import Testing
import VestigePolicy

@Suite("Sinks")
struct SinkTests {
    static func policy(_ sinks: String) throws -> Policy {
        try Policy.parse(
            Array(
                """
                vestige: 1
                channels: [pii-read, auth, people]
                records:
                  user:
                    subject: self
                    channels: { look: pii-read, change: people }
                    fields: { name: { personal: identity } }
                    reads: { log: detail }
                \(sinks)
                """.utf8), file: "test.yaml")
    }

    @Test("A sink is read with its defaults")
    func defaults() throws {
        let sink = try #require(try Self.policy("sinks: { siem: { to: \"tls://siem.example.org:6514\" } }").sinks["siem"])
        #expect(sink.destination == .tls(host: "siem.example.org", port: 6514))
        #expect(sink.format == .syslog && sink.enterprise == 32473 && sink.channels == nil && sink.actor == nil)
    }

    @Test("A sink is read with everything that can be said")
    func whole() throws {
        let text =
            "sinks: { a: { to: file:///var/log/v, format: ocsf, enterprise: 4711, channels: [auth, compliance], actor: { fields: [id, user_agent], because: SOC } } }"
        let sink = try #require(try Self.policy(text).sinks["a"])
        #expect(sink.destination == .file(directory: "/var/log/v") && sink.format == .ocsf && sink.enterprise == 4711)
        #expect(sink.channels == ["auth", "compliance"])
        #expect(sink.actor == SinkActorRule(fields: [.id, .userAgent], because: "SOC"))
    }

    @Test(
        "Destinations are hosts with a port or absolute directories",
        arguments: [
            ("tcp://localhost:514", true), ("tcp://[::1]:514", true), ("tls://10.0.0.1:6514", true), ("file:///a", true),
            ("tcp://a:0", false),
            ("tcp://a:65536", false), ("tcp://:514", false), ("udp://a:514", false), ("file://a", false), ("file:///", false),
            ("tcp://a b:1", false),
            ("tcp://user@a:1", false), ("file:///a/../b", false), ("tcp://a", false), ("", false),
        ])
    func destinations(_ text: String, _ isGood: Bool) {
        let destination = SinkDestination(text)
        #expect((destination != nil) == isGood)
        if isGood { #expect(destination?.description == text) }
    }

    @Test("A new sink, another destination and more of an actor are weaknesses that are named")
    func weaker() throws {
        let none = try Self.policy("")
        let one = try Self.policy("sinks: { a: { to: \"tls://x:1\", channels: [auth] } }")
        let more = try Self.policy("sinks: { a: { to: \"tcp://x:1\", actor: { fields: [id], because: SOC } } }")
        #expect(one.weakenings(from: none) == ["sinks.a: new, entries go to tls://x:1"])
        #expect(
            more.weakenings(from: one) == [
                "sinks.a: entries go to tcp://x:1 instead of tls://x:1", "sinks.a: the actor's id leave opened",
                "sinks.a: entries of all channels instead of auth",
            ])
        #expect(none.weakenings(from: one).isEmpty)
        #expect(one.differences(from: none).contains("added sinks.a.to: tls://x:1"))
    }
}
