import VestigeCore
import VestigeInquiry

/// Before and after of one act, as those see it who may open what is sealed.
enum ChangesText {
    static func table(_ entry: OpenedEntry) -> String {
        var table = Table([.text("field"), .text("before"), .text("after")])
        let changes = entry.subjects.flatMap { $0.changes.map { ($0.key, $0.value) } } + entry.clearChanges.map { ($0.key, $0.value) }
        for (field, change) in changes.sorted(by: { $0.0 < $1.0 }) {
            table.add([field, change.before?.forPeople, change.after?.forPeople])
        }
        return table.rendered()
    }
}
