import Synchronization

/// The people of this process: who may be looked at, who is erased. Whoever is taken is in nobody else's hands here.
final class Society: Sendable {
    private struct State {
        var living: [Person] = []
        var dying: [Person] = []
        var erased: [Person] = []
        var isOver = false
    }

    private let state = Mutex(State())

    init(_ people: [Person]) {
        for person in people { add(person) }
    }

    /// Back among the living, or among the erased if no key of theirs is left.
    func add(_ person: Person) {
        state.withLock { state in
            if person.known.values.contains(where: { $0.state == .living }) {
                state.living.append(person)
            } else {
                state.erased.append(person)
            }
        }
    }

    /// Nobody is minted any more.
    func end() { state.withLock { $0.isOver = true } }
    var isOver: Bool { state.withLock { $0.isOver } }

    var livingCount: Int { state.withLock { $0.living.count } }

    func anybody() -> Person? { state.withLock { $0.living.randomElement() } }

    /// Somebody who is being erased just now, or was.
    func somebodyDying() -> Person? { state.withLock { $0.dying.last } }
    func somebodyErased() -> Person? { state.withLock { $0.erased.suffix(10).randomElement() } }

    /// The one who has been there longest: two processes take the same one.
    func takeVictim() -> Person? {
        state.withLock { state in
            guard !state.living.isEmpty else { return nil }
            let victim = state.living.removeFirst()
            state.dying.append(victim)
            return victim
        }
    }

    func giveBack(_ victim: Person) {
        state.withLock { state in state.dying.removeAll { $0.name == victim.name } }
        add(victim)
    }
}
