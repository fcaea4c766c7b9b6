import VestigeLocal

/// How far behind a sink is, for people.
enum SinkText {
    static func standing(_ sink: SinkStanding) -> String {
        let place =
            sink.lagEntries == 0
            ? "up to date" : "\(Int(clamping: sink.lagEntries).counted("entry", "entries")) behind, \(Int(sink.lagSeconds)) s"
        return "\(place), next is \(sink.next), \(sink.destination)"
    }
}
