import ArgumentParser
import Foundation
import VestigeCore

/// The program `vestige`: results on stdout, `error:` and `hint:` lines on stderr; exit 0 fine, 1 findings or refused, 2 usage.
@main
struct VestigeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vestige",
        abstract: "Records who looked at whose data, answers who viewed what, erases people and proves the trail.",
        discussion: """
            Results go to stdout, a table for people or --json for programs; everything else goes to stderr. \
            Exit codes: 0 fine, 1 findings or a refused act, 2 usage.
            """,
        version: Vestige.version,
        subcommands: [
            DemoCommand.self, InitCommand.self, PolicyCommand.self, RecordCommand.self, WhoViewedCommand.self, ViewedByCommand.self,
            EntriesCommand.self, EraseCommand.self, CertificateCommand.self, RedactCommand.self, PruneCommand.self, HoldCommand.self,
            PersonCommand.self, KeysCommand.self, BackupCommand.self, RecoverCommand.self, NightlyCommand.self, VerifyCommand.self,
            StatusCommand.self, ProveCommand.self, CheckpointCommand.self, PublishCommand.self, WitnessCommand.self, EvidenceCommand.self,
            StreamCommand.self, ServeCommand.self, TokenCommand.self, TenantCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            try Environment.refuseToken()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Foundation.exit(Failure.report(error))
        }
    }
}
