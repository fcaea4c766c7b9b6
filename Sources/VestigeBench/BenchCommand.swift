import ArgumentParser

/// `vestige-bench`: what Vestige costs, each figure beside its limit, measured in the same run.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vestige-bench",
        abstract: "Measures Vestige beside its limits, in the same run. Build it with -c release.",
        discussion: "Ratios hold between machines, rates do not. Docs/Benchmarks.md says what each command compares.",
        subcommands: [
            RecordBench.self, WhoViewedBench.self, ExportBench.self, VerifyBench.self, EraseBench.self, MintBench.self, RotateBench.self,
            EpochBench.self, MiddlewareBench.self, ServeBench.self, TwoProcessesBench.self, PruneBench.self, RecorderCommand.self,
        ])
}
