package import VestigeTrail

extension LocalStatus {
    /// What `vestige status --json` prints and what the service answers.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("origin", origin)
            json.member("vkey", verifierKey)
            json.number("size", Int(size))
            json.member("root", root)
            json.key("pruned")
            json.object { json in
                json.number("entries", Int(prunedEntries))
                json.key("oldest_kept")
                if let oldestKept { json.integer(Int64(oldestKept)) } else { json.null() }
            }
            json.key("retention")
            json.object { json in
                for (name, time) in [
                    ("last_run", retention.lastRun), ("overdue_since", retention.overdueSince), ("next_run", retention.nextRun),
                ] {
                    json.key(name)
                    if let time { json.time(time) } else { json.null() }
                }
            }
            json.number("redacted", redacted)
            json.number("subjects", subjects)
            json.number("erased", erased)
            json.member("policy", policy)
            json.key("spool")
            json.object { $0.number("waiting", spoolWaiting) }
            if let clockBehind { json.number("clock_behind_seconds", Int(clockBehind)) }
            if !witnesses.isEmpty { json.witnesses(witnesses) }
            if !sinks.isEmpty {
                json.key("sinks")
                json.array { list in for sink in sinks { list.object { sink.write(to: &$0) } } }
            }
            if !older.isEmpty {
                json.key("older")
                json.array { list in for older in older { list.object { older.write(to: &$0) } } }
            }
        }
        return writer.bytes
    }
}

extension LocalStatus.Older {
    fileprivate func write(to json: inout JSONWriter) {
        json.number("trail", number)
        json.member("origin", origin)
        json.number("size", Int(size))
        json.number("missing_from", Int(missing.lowerBound))
        json.number("missing_to", Int(missing.upperBound))
    }
}

extension SinkStanding {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("sink", name)
        json.member("to", destination)
        json.number("next", Int(clamping: next))
        json.number("lag_entries", Int(clamping: lagEntries))
        json.number("lag_seconds", Int(lagSeconds))
        json.member("confirmed_at", confirmedAt?.description)
    }
}

extension JSONWriter {
    /// The member `witnesses`: whom the trail asks, and how far each has come.
    package mutating func witnesses(_ standings: [WitnessStanding]) {
        key("witnesses")
        array { list in
            for standing in standings {
                list.object { json in
                    json.member("name", standing.witness.name)
                    json.member("vkey", "\(standing.witness.key)")
                    json.member("url", standing.witness.url)
                    json.number("size", Int(clamping: standing.size))
                    json.key("at")
                    if let at = standing.cosignedAt { json.string(at.description) } else { json.null() }
                    json.key("trouble")
                    if let trouble = standing.trouble { json.string(trouble) } else { json.null() }
                    if standing.isOverdue {
                        json.key("overdue")
                        json.boolean(true)
                    }
                }
            }
        }
    }

    fileprivate mutating func number(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }
}
