import VestigeCore
import VestigeTrail

/// One page of entries as JSON.
package enum EntryPageJSON {
    package static func document(_ page: EntryPage) -> [UInt8] {
        var writer = JSONWriter(capacity: 16 * 1024)
        writer.object { json in
            json.key("total")
            json.integer(Int64(page.total))
            json.flag("total_exact", page.totalIsExact)
            json.number("first", page.first)
            if page.redacted > 0 { json.number("redacted", page.redacted) }
            json.pruned(page.pruned, page.since)
            json.key("entries")
            json.array { list in for entry in page.entries { EntryJSON.write(entry, to: &list) } }
            if let facets = page.facets { write(facets, to: &json) }
            json.member("cursor", page.cursor?.description)
        }
        return writer.bytes
    }

    private static func write(_ facets: EntryFacets, to json: inout JSONWriter) {
        json.key("facets")
        json.object { json in
            for (name, values) in [("channels", facets.channels), ("events", facets.events), ("actions", facets.actions)] {
                json.key(name)
                json.array { list in
                    for value in values {
                        list.object { json in
                            json.member("code", value.code)
                            json.number("count", value.count)
                        }
                    }
                }
            }
            json.flag("complete", facets.isComplete)
        }
    }
}
