import ArgumentParser
import VestigeCore
import VestigeCrypto
import VestigeLocal
import VestigePolicy
import VestigeTrail

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Checks, adopts or shows the policy.", subcommands: [Check.self, Adopt.self, Show.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a policy file.",
            discussion: "Each problem is printed as FILE:LINE:COLUMN: what is wrong. Exit 1 if there is one.")

        @Argument(help: ArgumentHelp("The policy.", valueName: "file"))
        var file: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() throws {
            do {
                let policy = try Vestige.readPolicy(file)
                json ? Output.line(PolicyJSON.check(policy.digest.hex, problems: [], warnings: policy.warnings)) : tell(policy)
            } catch let error as PolicyError {
                if json {
                    Output.line(PolicyJSON.check(nil, problems: error.problems, warnings: []))
                } else {
                    for problem in error.problems { Output.line("\(problem)") }
                }
                throw Failure.findings
            }
        }

        private func tell(_ policy: Policy) {
            for warning in policy.warnings { Output.hint("\(warning)") }
            Output.line("\(file): fine, digest \(policy.digest.hex)")
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a policy in force: shows what differs and which rules are weaker, then records its full text.",
            discussion: "Without --yes nothing is changed. Programs that run take the new policy from their next start on.")

        @Argument(help: ArgumentHelp("The policy.", valueName: "file"))
        var file: String

        @Flag(name: .long, help: "Do it.")
        var yes = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let policy = try Vestige.readPolicy(file)
            for warning in policy.warnings { Output.hint("\(warning)") }
            try await location.open { vestige in
                guard policy.digest != vestige.policy.digest else {
                    return Output.line(
                        json ? PolicyJSON.adoption(policy, from: vestige.policy, seq: nil) : "this policy is in force already")
                }
                if !json { tell(policy, from: vestige.policy) }
                guard yes else {
                    if json { Output.line(PolicyJSON.adoption(policy, from: vestige.policy, seq: nil)) }
                    throw Failure.usage("nothing was adopted", hint: "give --yes to put this policy in force")
                }
                let receipt = try await vestige.adopt(policy, by: Environment.account())
                Output.line(
                    json
                        ? PolicyJSON.adoption(policy, from: vestige.policy, seq: receipt.seq)
                        : "adopted \(policy.digest.hex) as entry \(receipt.seq)")
            }
        }

        private func tell(_ policy: Policy, from old: Policy) {
            for line in policy.differences(from: old) { Output.line(line) }
            let weaker = policy.weakenings(from: old)
            for line in weaker { Output.line("weaker: \(line)") }
            if weaker.isEmpty { Output.line("no rule is weaker") }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the adopted policy's text, byte for byte.")

        @Flag(name: .long, help: "Print JSON with text and digest.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let policy = try await location.open { $0.policy }
            guard json else { return Output.text(policy.text) }
            var writer = JSONWriter()
            writer.object { json in
                json.member("digest", policy.digest.hex)
                json.member("text", policy.text)
            }
            Output.line(String(decoding: writer.bytes, as: UTF8.self))
        }
    }
}

/// What the policy commands print for programs.
enum PolicyJSON {
    static func check(_ digest: String?, problems: [PolicyProblem], warnings: [PolicyProblem]) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("digest", digest)
            json.key("problems")
            write(problems, to: &json)
            json.key("warnings")
            write(warnings, to: &json)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func adoption(_ policy: Policy, from old: Policy, seq: UInt64?) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.key("adopted")
            json.boolean(seq != nil)
            json.member("digest", policy.digest.hex)
            if let seq {
                json.key("seq")
                json.integer(Int64(seq))
            }
            json.key("differences")
            json.array { list in for line in policy.differences(from: old) { list.string(line) } }
            json.key("weaker")
            json.array { list in for line in policy.weakenings(from: old) { list.string(line) } }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ problems: [PolicyProblem], to json: inout JSONWriter) {
        json.array { list in
            for problem in problems {
                list.object { json in
                    json.member("file", problem.file)
                    json.key("line")
                    json.integer(Int64(problem.line))
                    json.key("column")
                    json.integer(Int64(problem.column))
                    json.member("message", problem.message)
                }
            }
        }
    }
}
