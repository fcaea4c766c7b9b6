import ArgumentParser
import PeopleDirectory
import VestigeLocal
import VestigeTrail

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Runs the example host, drives it with 2,000 real requests and asks the trail about them.",
        discussion: """
            A people directory of 500 made-up people and 200 devices on a free port, with a data directory of its own that is removed at \
            the end. Every answer is held against what was sent; exit 1 if one is wrong.
            """)

    @Flag(name: .long, help: "Leave the host running and keep its data directory.")
    var keep = false

    func run() async throws {
        let host = try await DemoHost.start()
        do {
            try await show(host)
        } catch {
            try? await host.close(keeping: keep)
            throw error
        }
        try await host.close(keeping: keep)
        if keep { Output.line("stopped; the data directory stays at \(host.data)") }
    }

    private func show(_ host: DemoHost) async throws {
        let people = host.generator.people()
        let plan = TrafficPlan(people: people, hardware: host.generator.hardware(for: people))
        Output.line("A day at the people directory: 500 people, 200 devices, every look at a person and every change recorded.")
        let port = try await host.app.serve { port in
            try await drive(host, plan, people, port: port)
            return port
        }
        _ = try await host.app.nightly.birthdays(on: plan.night)
        try await Demo(host: host, plan: plan).run()
        guard keep else { return }
        try await host.app.run(port: port) { port in leave(host, plan, people, port: port) }
    }

    private func drive(_ host: DemoHost, _ plan: TrafficPlan, _ people: [MadeUpPerson], port: Int) async throws {
        let clock = ContinuousClock()
        let actors = people.filter { plan.actorIDs.contains($0.id) }
        let client = try await DemoClient.signIn(actors, generator: host.generator, port: port)
        defer { client.close() }
        let start = clock.now
        var answers: [Int: DemoClient.Answer] = [:]
        for phase in plan.phases {
            let before = answers.count
            answers.merge(
                try await client.send(phase) { Output.progress("\((before + $0).grouped) of \(plan.requests.count.grouped) requests") }
            ) { first, _ in first }
            // Nobody has to wait for the outbox; the demo does, so that each phase's entries come before the next one's.
            try await host.app.drain()
        }
        let seconds = (clock.now - start) / .seconds(1)
        Output.progress(nil)
        try check(answers, plan)
        let rate = Int(Double(plan.requests.count) / seconds)
        let tenths = Int(seconds * 10)
        DemoReport.say(
            "\(plan.requests.count.grouped) HTTP requests by \(plan.actorIDs.count) people and strangers in \(tenths / 10).\(tenths % 10) s "
                + "(\(rate.grouped) a second)")
        let size = try await host.vestige.trail.checkpoint().size
        // The adopted policy, and who signed in; the night has not come yet.
        let expected = 1 + actors.count + plan.entries.count - 1
        guard size == UInt64(expected) else {
            throw Failure.refused("the demo found a wrong answer: the trail has \(size) entries, sent were \(expected)")
        }
        DemoReport.checked("every answer had the status that was planned; \(Int(size).grouped) entries are durable")
    }

    private func check(_ answers: [Int: DemoClient.Answer], _ plan: TrafficPlan) throws {
        let wrong = plan.requests.filter { answers[$0.number]?.status != $0.expectedStatus }
        if let first = wrong.first {
            throw Failure.refused(
                "the demo's host answered \(wrong.count) requests otherwise than planned, such as number \(first.number) "
                    + "(\(answers[first.number]?.status ?? 0) instead of \(first.expectedStatus))")
        }
        for request in plan.requests {
            // The first line is the fields' names.
            guard let count = request.exportedCount, answers[request.number]?.lineCount != 1 + count else { continue }
            throw Failure.refused("the demo's host gave a file that has not the \(count) people who are recorded to be in it")
        }
    }

    private func leave(_ host: DemoHost, _ plan: TrafficPlan, _ people: [MadeUpPerson], port: Int) {
        DemoReport.heading("The host is running")
        let staff = people.first { $0.role == .admin && $0.id != plan.busiestActorID && $0.id != plan.hottestPersonID }
        let member = people.first { !$0.role.opensEverything && $0.id != plan.hottestPersonID }
        var facts: [(name: String, value: String?)] = [("url", "http://127.0.0.1:\(port)/sign-in"), ("data", host.data)]
        for (name, person) in [("sign in as admin", staff), ("sign in as member", member)] {
            facts.append((name, person.map { "\($0.email)  \(host.generator.passphrase(for: $0.id))" }))
        }
        DemoReport.show(Facts.rendered(facts))
        DemoReport.say("ask from another terminal: vestige entries --data \(host.data) --purpose audit; Ctrl-C stops")
    }
}
