import VestigeTrail

extension LocalStatus {
    /// What `vestige status --json` prints and what the service answers.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("origin", origin)
            json.member("vkey", verifierKey)
            json.key("size")
            json.integer(Int64(size))
            json.member("root", root)
            json.key("pruned")
            json.object { json in
                json.key("entries")
                json.integer(Int64(prunedEntries))
                json.key("oldest_kept")
                if let oldestKept { json.integer(Int64(oldestKept)) } else { json.null() }
            }
            for (name, count) in [("redacted", redacted), ("subjects", subjects), ("erased", erased)] {
                json.key(name)
                json.integer(Int64(count))
            }
            json.member("policy", policy)
            json.key("spool")
            json.object { json in
                json.key("waiting")
                json.integer(Int64(spoolWaiting))
            }
            if !older.isEmpty { writeOlder(to: &json) }
        }
        return writer.bytes
    }

    private func writeOlder(to json: inout JSONWriter) {
        json.key("older")
        json.array { list in
            for older in older {
                list.object { json in
                    json.key("trail")
                    json.integer(Int64(older.number))
                    json.member("origin", older.origin)
                    for (name, count) in [
                        ("size", older.size), ("missing_from", older.missing.lowerBound), ("missing_to", older.missing.upperBound),
                    ] {
                        json.key(name)
                        json.integer(Int64(count))
                    }
                }
            }
        }
    }
}
