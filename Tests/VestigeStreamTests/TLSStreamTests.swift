import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeStream
import VestigeTrail

@Suite("A stream over TLS", .enabled(if: Program.python != nil, "there is no python3"))
struct TLSStreamTests {
    /// An authority and a certificate of it for 127.0.0.1, and another authority that signs nothing here.
    private static func certificates(in scratch: Scratch) async throws {
        let made = try await Program.shell(
            """
            set -e
            for name in ca other; do
              openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem 2>/dev/null
            done
            for name in server client; do
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr 2>/dev/null
              printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > $name.ext
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem 2>/dev/null
            done
            """, in: scratch.path)
        try #require(made.exit == 0, "\(made.output)")
    }

    @Test("carries every entry to a receiver whose certificate is trusted, by address and by name", arguments: ["127.0.0.1", "localhost"])
    func trusted(_ host: String) async throws {
        let scratch = try Scratch()
        try await Self.certificates(in: scratch)
        let receiver = try await Receiver.start("--cert server.pem --key server.key --ca ca.pem", in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tls://\(host):\(receiver.port)\" }", in: scratch)
        try await Streaming.record(300, vestige)
        let tls = SinkTLS(
            authorities: scratch.path + "/ca.pem", certificate: scratch.path + "/client.pem", key: scratch.path + "/client.key")
        try await Streaming.service(vestige, tls: tls).run()
        #expect(Received.seqs(receiver.messages) == Array(0..<(try await vestige.trail.size())))
        try await vestige.close()
    }

    @Test("A receiver that resets in the midst of a message gets everything, in order")
    func cut() async throws {
        let scratch = try Scratch()
        try await Self.certificates(in: scratch)
        let receiver = try await Receiver.start("--cut 23 3 --cert server.pem --key server.key", in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tls://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.record(200, vestige)
        try await Streaming.service(vestige, tls: SinkTLS(authorities: scratch.path + "/ca.pem")).run()
        let seqs = Received.seqs(receiver.messages)
        #expect(Received.isWholeAndInOrder(seqs, size: try await vestige.trail.size()))
        #expect(seqs.count > Int(try await vestige.trail.size()))
        try await vestige.close()
    }

    @Test("sends nothing to a receiver whose certificate nobody vouches for")
    func untrusted() async throws {
        let scratch = try Scratch()
        try await Self.certificates(in: scratch)
        let receiver = try await Receiver.start("--cert server.pem --key server.key", in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tls://127.0.0.1:\(receiver.port)\" }", in: scratch)
        let service = try Streaming.service(vestige, tls: SinkTLS(authorities: scratch.path + "/other.pem"))
        let streaming = Task { try await service.run() }
        try await Task.sleep(for: .seconds(1))
        streaming.cancel()
        _ = await streaming.result
        #expect(receiver.messages.isEmpty)
        #expect(try await vestige.sinkCursor(of: "siem").next == 0)
        try await vestige.close()
    }

    @Test("Certificates that cannot be read are told at the start")
    func unreadable() async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige("  siem: { to: \"tls://127.0.0.1:1\" }", in: scratch)
        #expect(throws: StreamError.self) { try Streaming.service(vestige, tls: SinkTLS(authorities: scratch.path + "/none.pem")) }
        #expect(throws: StreamError.self) { try Streaming.service(vestige, tls: SinkTLS(certificate: scratch.path + "/none.pem")) }
        try await vestige.close()
    }
}
