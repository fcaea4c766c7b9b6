import Foundation
import VestigeCore
import VestigeCrypto
import VestigeLocal
import VestigePolicy
import VestigeTesting
import VestigeVault

/// A process that mints, records, links, erases and rotates at once on one data directory, for the tests that kill it. It kills itself at a
/// chosen call, or is killed from outside. It prints `ready`, then `died|call|step|moment` just before its end.
///
///     KillableVault make   home=DIR
///     KillableVault run    home=DIR tag=T day=N [label=L nth=N after=0|1] [early=1] [check=1] [kind=N] [rounds=N]
///     KillableVault mint   home=DIR tag=T count=N
///     KillableVault keys   home=DIR
///     KillableVault check  home=DIR day=N
///
/// `keys` changes the signing key of a keyring over and over. `day` moves the clock; `early` lets calls of the opening count too; `check` inspects everything before it begins; `kind` says who is
/// minted.
@main
struct KillableVault {
    /// Records and new people if nothing is said, so that one that is never killed ends.
    private static let roundsMax = 150

    static func main() async {
        do {
            var options: [String: String] = [:]
            for argument in CommandLine.arguments.dropFirst(2) {
                let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2 { options[parts[0]] = parts[1] }
            }
            try await run(CommandLine.arguments.dropFirst().first ?? "", options)
        } catch {
            KillSwitch.say("broken|\(error)")
            exit(3)
        }
    }

    private static func run(_ mode: String, _ options: [String: String]) async throws {
        guard let home = options["home"] else { throw Broken("give home=DIR") }
        let place = Place(data: home + "/data")
        let tag = options["tag"] ?? "t"
        let day = options["day"].flatMap(Int64.init) ?? 0
        let ledger = try Ledger(in: home)
        if mode == "make" {
            let policy = try Policy.parse(Array(killPolicy.utf8), file: "kill.yaml")
            return try await Vestige.create(place, policy: policy, by: .system("test")).close()
        }
        if mode == "keys" { return try changeKeys(try FileKeyring(directory: place.keyring)) }
        let plan = options["label"].map {
            KillSwitch.Plan(label: $0, nth: options["nth"].flatMap(Int.init) ?? 1, after: options["after"] == "1")
        }
        let killSwitch = KillSwitch(plan)
        if options["early"] == "1" { killSwitch.arm() }
        let vestige = try await Step.$trace.withValue(.ofErasure) { try await open(place, day, killSwitch) }
        if options["check"] == "1" || mode == "check" {
            let problems = try await Inspection(vestige, ledger, day: Int(LocalVestige.systemClock().adding(days: day).day)).run()
            for problem in problems.prefix(5) { KillSwitch.say("broken|\(problem)") }
            guard problems.isEmpty else { exit(3) }
        }
        switch mode {
        case "check": try await vestige.close()
        case "mint":
            let acts = Acts(vestige: vestige, ledger: ledger, society: Society([]), tag: tag)
            KillSwitch.say("ready")
            try await mint(options["count"].flatMap(Int.init) ?? 1, acts)
            try await vestige.close()
        default:
            let acts = Acts(
                vestige: vestige, ledger: ledger, society: Society(try ledger.people()), tag: tag, kind: options["kind"].flatMap(Int.init))
            let rounds = options["rounds"].flatMap(Int.init) ?? roundsMax
            KillSwitch.say("ready")
            killSwitch.arm()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await acts.record(rounds: rounds) }
                group.addTask { try await acts.erase() }
                group.addTask { try await acts.rotate() }
                try await group.waitForAll()
            }
            KillSwitch.say("alive")
            try await vestige.close()
        }
    }

    private static func open(_ place: Place, _ day: Int64, _ killSwitch: KillSwitch) async throws -> LocalVestige {
        // Another one that lives answers, however busy the machine is.
        var posts = StorePosts(patience: .seconds(180))
        posts.vault = { InterruptedVaultStore($0, past: Post(place: "vault", killSwitch: killSwitch), pageLimit: 16) }
        posts.trail = { WatchedTrailStore(store: $0, killSwitch: killSwitch) }
        posts.board = { WatchedBoard(board: $0, post: Post(place: "board", killSwitch: killSwitch)) }
        let keyring = InterruptedKeyring(
            try FileKeyring(directory: place.keyring), past: Post(place: "keyring", killSwitch: killSwitch))
        return try await Vestige.open(
            place, keyring: keyring, clock: { LocalVestige.systemClock().adding(days: day) }, past: posts)
    }

    /// First it does what whoever was killed before left undone. It does not end by itself.
    private static func changeKeys(_ keyring: FileKeyring) throws {
        let trail = Bytes16(hex: String(repeating: "7", count: 32)) ?? .random()
        _ = try keyring.signingKey(for: try keyring.origin())
        _ = try keyring.keptSpoolKeys(of: trail)
        try keyring.retireSigningKeys()
        KillSwitch.say("ready")
        while true {
            try keyring.keepSpoolKeys(code: try SecretKey.random(), cover: try SecretKey.random(), of: trail)
            _ = try keyring.prepareSigningKey()
            try keyring.adoptPreparedSigningKey()
            try keyring.retireSigningKeys()
        }
    }

    /// Four at a time, so that commits are shared as in a host.
    private static func mint(_ count: Int, _ acts: Acts) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for number in stride(from: worker, to: count, by: 4) { _ = try await acts.mint(number, kind: number % 10) }
                }
            }
            try await group.waitForAll()
        }
    }
}
