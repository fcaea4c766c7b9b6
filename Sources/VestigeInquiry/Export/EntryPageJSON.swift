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
            if page.redacted > 0 {
                json.key("redacted")
                json.integer(Int64(page.redacted))
            }
            json.key("entries")
            json.array { list in for entry in page.entries { EntryJSON.write(entry, to: &list) } }
            if let cursor = page.cursor {
                json.key("cursor")
                json.integer(Int64(cursor))
            }
        }
        return writer.bytes
    }
}
