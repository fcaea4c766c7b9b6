import Foundation
import TestSupport
import Testing

@Suite("vestige record")
struct RecordTests {
    private func line(_ id: Int, action: String? = nil, person: String = "42") -> String {
        let number = String(repeating: "0", count: 12 - String(id).count) + String(id)
        let name = action.map { ",\"action\":\"\($0)\"" } ?? ""
        return
            #"{"id":"01970000-0000-7000-8000-\#(number)","event":"read"\#(name),"actor":{"type":"user","id":"7"},"record":{"type":"user","id":"\#(person)"},"purpose":"support"}"#
    }

    @Test("receipts come in the order of the lines, bad lines among good ones lose nothing, and all is in the trail")
    func order() async throws {
        let scratch = try await Scratch.initialised()
        var input = ""
        for number in 1...600 {
            input +=
                number.isMultiple(of: 7) ? "{\"event\":\"read\",\"nonsense\":\(number)}\n" : line(number, person: "\(number % 50)") + "\n"
        }
        let result = try await Program.shell("vestige record", in: scratch.path, input: input)
        #expect(result.exit == 1)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 601)
        for (place, line) in lines.dropLast().enumerated() {
            let number = place + 1
            let expected = number.isMultiple(of: 7) ? "{\"line\":\(number),\"error\"" : "{\"id\":\"01970000-0000-7000-8000-"
            #expect(line.hasPrefix(expected))
            if !number.isMultiple(of: 7) { #expect(line.contains(String(number) + "\",\"seq\":")) }
        }
        #expect(lines.last == "error: 85 lines were not recorded; the others were")
        let verified = try await Program.shell("vestige verify --json", in: scratch.path)
        #expect(verified.output.contains("\"verdict\":\"intact\",\"size\":516,"))
    }

    @Test("the same id twice gets the same receipt, at once or later; with other fields it is refused and the first stands")
    func idempotent() async throws {
        let scratch = try await Scratch.initialised()
        let first = try await Program.shell("vestige record", in: scratch.path, input: (0..<40).map { _ in line(1) + "\n" }.joined())
        #expect(first.exit == 0)
        #expect(Set(first.output.split(separator: "\n")).count == 1)
        let again = try await Program.shell(
            "vestige record", in: scratch.path,
            input: line(1) + "\n" + line(1, person: "43") + "\n" + line(2) + "\n" + line(2, person: "44"))
        let lines = again.output.split(separator: "\n")
        #expect(again.exit == 1)
        #expect(lines.first == first.output.split(separator: "\n").first)
        #expect(lines[1].hasPrefix("{\"line\":2,\"error\":\"id: an entry with this id was recorded before with another "))
        #expect(lines[2].contains("\"status\":\"recorded\""))
        #expect(lines[3].hasPrefix("{\"line\":4,\"error\":"))
    }

    @Test(
        "what only Vestige may say is refused",
        arguments: [
            #"{"event":"erased","channel":"compliance","action":"erasure.started","actor":{"type":"system"},"subjects":[]}"#,
            #"{"event":"read","channel":"compliance","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support"}"#,
            #"{"event":"read","action":"erasure.started","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support"}"#,
            #"{"event":"updated","action":"policy.adopted","channel":"people","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"}}"#,
            #"{"event":"read","action":"audit.who_viewed","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support"}"#,
        ])
    func builtIn(line: String) async throws {
        let scratch = try await Scratch.initialised()
        let result = try await Program.shell("vestige record; vestige status", in: scratch.path, input: line)
        #expect(result.output.contains("written by Vestige only"))
        #expect(result.output.contains(#/entries +1\n/#))
    }

    @Test("refusals by the policy never show a value")
    func silent() async throws {
        let needle = "Zylbersztajn"
        let lines = [
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"\#(needle) x","id":"1"},"purpose":"support"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"\#(needle) 1"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7","role":"\#(needle)@x"},"record":{"type":"user","id":"1"},"purpose":"support"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"hardware","id":"\#(needle) 1"},"subjects":[]}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support","page":"\#(needle)"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support","page":"/a?\#(needle)"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support","details":{"rows":"\#(needle)"}}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support","details":{"\#(needle)":1}}"#,
            #"{"event":"read","actor":{"type":"user","id":"\#(String(repeating: needle, count: 50))"},"record":{"type":"user","id":"1"},"purpose":"support"}"#,
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"subjects":[{"type":"\#(needle)","id":"\#(needle)"}],"purpose":"support"}"#,
        ]
        let scratch = try await Scratch.initialised()
        let result = try await Program.shell("vestige record", in: scratch.path, input: lines.joined(separator: "\n"))
        #expect(result.exit == 1)
        #expect(result.output.split(separator: "\n").count == lines.count + 1)
        #expect(!result.output.contains("\"status\":\"recorded\""))
        #expect(!result.output.contains(needle))
    }

    @Test("a line over 60 KiB is refused, the next one recorded")
    func oversized() async throws {
        let scratch = try await Scratch.initialised()
        let result = try await Program.shell(
            "vestige record", in: scratch.path, input: String(repeating: "x", count: 200_000) + "\n" + line(1) + "\n")
        #expect(result.exit == 1)
        #expect(result.output.hasPrefix("{\"line\":1,\"error\":\"entry: the line is over 61440 bytes"))
        #expect(result.output.contains("\"seq\":1"))
    }

    @Test("a receipt comes while stdin stays open")
    func interactive() async throws {
        let scratch = try await Scratch.initialised()
        let program = try await RunningProgram.start("vestige record", in: scratch.path)
        program.write(line(1) + "\n")
        #expect(await program.nextLine()?.contains("\"status\":\"recorded\"") == true)
        #expect(try await program.end() == 0)
    }
}
