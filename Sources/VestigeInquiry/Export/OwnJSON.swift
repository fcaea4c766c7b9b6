import VestigeCore
import VestigeTrail

/// What somebody is told of themselves, as JSON.
package enum OwnJSON {
    package static func document(_ page: OwnPage<OwnLook>) -> [UInt8] {
        document("looks", page) { look, json in
            json.member("day", look.day)
            json.member("event", look.event)
            json.member("by", look.by.rawValue)
            json.member("purpose", look.purpose)
            json.member("recipient", look.recipient)
        }
    }

    package static func document(_ page: OwnPage<OwnAct>) -> [UInt8] {
        document("acts", page) { act, json in
            json.member("occurred_at", act.occurredAt.description)
            json.member("action", act.action)
            json.member("status", act.status)
            json.member("purpose", act.purpose)
            json.member("record", act.record)
        }
    }

    private static func document<Item>(_ name: String, _ page: OwnPage<Item>, _ write: (Item, inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key(name)
            json.array { list in for item in page.items { list.object { write(item, &$0) } } }
            json.member("cursor", page.cursor?.description)
        }
        return writer.bytes
    }
}
