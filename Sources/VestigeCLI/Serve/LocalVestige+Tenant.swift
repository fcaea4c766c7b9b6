import VestigeDesk
import VestigeLocal
import VestigeServer

extension LocalVestige {
    /// The credentials of this data directory.
    var tokens: TokenBook {
        TokenBook(desk: workingState, vault: vault, recorder: recorder, clock: LocalVestige.systemClock)
    }

    /// What the service needs of a data directory.
    ///
    /// - Parameters:
    ///   - source: as exports name the tenant; the trail's origin if left out.
    ///   - keys: where the identity provider's keys are, in place of what the policy says.
    func tenant(named name: String, source: String?, keys: String?) -> Tenant {
        Tenant(
            name: name, recorder: recorder, inquiry: inquiry, vault: vault, trail: trail, tokens: tokens,
            status: { [self] in try await status().json },
            spool: { [self] in
                let health = spoolHealth
                return (health.waiting.kept, health.failure.map { "\($0)" })
            },
            sinks: { [self] in try await sinkStandings().map { ($0.name, $0.lagEntries, $0.lagSeconds) } },
            source: exportSource(tenant: source), clockBehind: { [self] in try await clockBehind() },
            older: older.map { ($0.number, $0.trail) }, witnesses: { try await LocalVestige.witnessKeys(of: $0) },
            issuerKeys: policy.access.oidc.flatMap { keys ?? $0.keys }.map { place in { try await KeySetFile.read(place) } },
            clock: LocalVestige.systemClock)
    }
}
