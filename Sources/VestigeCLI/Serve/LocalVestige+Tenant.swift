import VestigeDesk
import VestigeLocal
import VestigeServer

extension LocalVestige {
    /// The credentials of this data directory.
    var tokens: TokenBook {
        TokenBook(desk: workingState, vault: vault, recorder: recorder, clock: LocalVestige.systemClock)
    }

    /// What the service needs of a data directory.
    func tenant(named name: String) -> Tenant {
        Tenant(
            name: name, recorder: recorder, inquiry: inquiry, vault: vault, trail: trail, tokens: tokens,
            status: { [self] in try await status().json },
            spool: { [self] in
                let health = spoolHealth
                return (health.waiting.kept, health.failure.map { "\($0)" })
            }, clock: LocalVestige.systemClock)
    }
}
