import Foundation

/// A plan of kills, carried out on one data directory after another: first so many at each step and at each call, then at random.
struct KillCampaign {
    enum Kill {
        /// At a label of ``calls`` or ``steps``, or at `any` call.
        case at(String, nth: Int, after: Bool, early: Bool)
        case fromOutside
        /// Two processes at once, both killed from outside.
        case pair
    }

    static let steps = [
        "erase 1 mark", "erase 2 started", "erase 3 destroy", "erase 4 publish", "erase 5 probe", "erase 6 completed", "erase 6 finish",
        "rotate 1 new KEK", "rotate 2 current", "rotate 3 rewrap", "rotate 3 entry", "rotate 4 least", "rotate 4 publish",
        "rotate 5 destroy",
    ]
    /// Those that are a step of their own stand under ``steps``.
    static let calls = [
        "vault.meta", "vault.epoch", "vault.directory", "vault.keys", "vault.insert", "vault.assign", "vault.link", "vault.links",
        "vault.reindex", "vault.pendingErasures", "vault.setDue", "vault.dueKeys", "vault.raiseWatermark", "vault.wrappedPage",
        "trail.write", "trail.head", "trail.entries", "trail.search", "trail.seq",
        "keyring.kek", "keyring.kekIDs",
    ]
    /// Made at an opening only.
    private static let openingCalls: Set = ["vault.dueKeys", "vault.raiseWatermark"]
    /// Whom calls need that not everybody leads to.
    private static let kinds = ["vault.assign": "0", "vault.setDue": "2", "vault.link": "3", "vault.links": "3", "vault.reindex": "4"]
    private static let killsOnOneDirectory = 40
    /// Rounds of whoever is to be killed from outside: it never ends by itself first.
    private static let endless = "1000000"
    /// The clock moves on by a day after so many, so that due days come.
    private static let killsOnOneDay = 8

    private(set) var counts: [String: Int] = [:]
    private(set) var killed = 0
    private(set) var directories = 0
    private(set) var broken: [String] = []

    static func plan(_ total: Int, each share: Int) -> [Kill] {
        var plan: [Kill] = []
        for label in steps + calls {
            for number in 0..<share {
                let isOpening = openingCalls.contains(label)
                let nth = Int.random(in: 1...(isOpening || share == 1 ? 1 : 3))
                plan.append(.at(label, nth: nth, after: share == 1 ? .random() : number % 2 == 1, early: isOpening || number % 5 == 4))
            }
        }
        while plan.count < total {
            switch plan.count % 4 {
            case 0: plan.append(.at("any", nth: .random(in: 1...400), after: .random(), early: .random()))
            case 1: plan.append(.pair)
            default: plan.append(.fromOutside)
            }
        }
        return plan.shuffled()
    }

    /// Kills at the steps and calls that have had fewer than `share`.
    func missing(share: Int) -> [Kill] {
        (Self.steps + Self.calls).flatMap { label in
            (min(counts[label] ?? 0, share)..<share).map { _ in
                .at(label, nth: 1, after: .random(), early: Self.openingCalls.contains(label))
            }
        }
    }

    mutating func run(_ plan: [Kill]) throws {
        var rest = plan[...]
        while !rest.isEmpty, broken.isEmpty {
            let killable = try Killable()
            directories += 1
            for (number, kill) in rest.prefix(Self.killsOnOneDirectory).enumerated() where broken.isEmpty {
                try run(kill, on: killable, day: String(number / Self.killsOnOneDay), tag: "t\(number)")
            }
            rest = rest.dropFirst(Self.killsOnOneDirectory)
            let day = String(Self.killsOnOneDirectory / Self.killsOnOneDay)
            try note(killable.start("check", ["day": day]).end(), wantsKill: false, "at the end")
        }
    }

    private mutating func run(_ kill: Kill, on killable: Killable, day: String, tag: String) throws {
        var options = ["day": day, "tag": tag, "check": "1"]
        switch kill {
        case .at(let label, let nth, let after, let early):
            options.merge(["label": label, "nth": String(nth), "after": after ? "1" : "0"]) { $1 }
            options["kind"] = Self.kinds[label]
            if early {
                options["early"] = "1"
                options["check"] = nil
            }
            try note(killable.start("run", options).end(), wantsKill: true, label)
        case .fromOutside:
            options["rounds"] = Self.endless
            try note(killable.start("run", options).kill(after: .random(in: 0...60_000)), wantsKill: true, "from outside")
            counts["from outside", default: 0] += 1
        case .pair:
            options["check"] = nil
            options["rounds"] = Self.endless
            let first = try killable.start("run", options)
            options["tag"] = tag + "b"
            let second = try killable.start("run", options)
            try note(first.kill(after: .random(in: 10_000...80_000)), wantsKill: true, "from outside, first of two")
            try note(second.kill(after: .random(in: 0...60_000)), wantsKill: true, "from outside, second of two")
            counts["from outside, two at once", default: 0] += 2
        }
    }

    private mutating func note(_ ending: Killable.Ending, wantsKill: Bool, _ what: String) throws {
        broken += ending.broken.map { "\(what): \($0)" }
        guard ending.wasKilled == wantsKill, wantsKill || ending.exit == 0 else {
            if ending.broken.isEmpty { broken.append("\(what): ended with \(ending.exit), \(ending.lines)") }
            return
        }
        guard wantsKill else { return }
        killed += 1
        guard let place = ending.place, place.count == 3 else { return }
        // A step is a call too; both are told.
        for label in Set(place[..<2]) where label != "-" {
            counts[label, default: 0] += 1
            counts["\(label) \(place[2])", default: 0] += 1
        }
    }

    /// One line: for each step, call and kind how many kills, those before its effect and those after it.
    var summary: String {
        let labels = counts.keys.filter { Self.steps.contains($0) || Self.calls.contains($0) || $0.hasPrefix("from") }.sorted()
        let figures = labels.map { label in
            let (before, after) = (counts[label + " before"] ?? 0, counts[label + " after"] ?? 0)
            return "\(label) \(counts[label] ?? 0)" + (before + after > 0 ? " (\(before)+\(after))" : "")
        }
        return "\(killed) kills on \(directories) data directories: " + figures.joined(separator: ", ")
    }
}
