import VestigeTrail
import VestigeVault

extension Draft {
    /// An act on more people than one entry holds, in parts `n of m` under one correlation id; their ids follow from the first's.
    ///
    /// At most 1,000 people a part, and no more slots than fit. Who acts stands in every part, what belongs to nobody in the first.
    var parts: [Draft] {
        let ends = partEnds
        guard ends.count > 1 else { return [self] }
        let correlation = header.correlationID ?? (header.actor.identity == .oneself ? nil : header.id.description)
        var start = 0
        return ends.enumerated().map { place, end in
            defer { start = end }
            var part = self
            part.header.id = place == 0 ? header.id : header.id.derived(part: place)
            part.header.correlationID = correlation
            part.header.part = Part(n: place + 1, of: ends.count)
            part.header.subjects = Array(header.subjects[start..<end])
            part.subjects = subjects.filter { (start..<end).contains($0.index) }.map { item in
                var moved = item
                moved.index -= start
                return moved
            }
            if place > 0 { part.clear = [] }
            return part
        }
    }

    /// Where each part ends, as a place in `subjects`.
    private var partEnds: [Int] {
        let count = header.subjects.count
        guard count > 1, !subjects.isEmpty else {
            return count <= Header.subjectCountMax
                ? [count] : Array(stride(from: Header.subjectCountMax, to: count, by: Header.subjectCountMax)) + [count]
        }
        let room = room
        var ends: [Int] = []
        var (used, start) = (0, 0)
        var items = subjects[...]
        for place in 0..<count {
            var size = 0
            while let item = items.first, item.index == place {
                size += Draft.byteCount(ofSubject: item.slot, valuesUpTo: item.valueByteCountMax)
                items.removeFirst()
            }
            if place > start, used + size > room || place - start == Header.subjectCountMax {
                ends.append(place)
                (used, start) = (0, place)
            }
            used += size
        }
        return ends + [count]
    }

    /// For people and their slots, in bytes: what is left of an entry beside what stands in every part.
    var room: Int {
        var header = header
        header.subjects = []
        // With what a part's header says more than this one.
        var room = SealedEntry.byteCountMax - header.encoded().count - 2 * SealedEntry.saltByteCount - 256
        for bytes in clear { room -= bytes.count + Payload.itemOverhead }
        for actor in actors { room -= Draft.sealedByteCount(actor.slot.encoded().count) }
        return room
    }

    /// Of a person in the header, and of their slot.
    static func byteCount(ofSubject slot: SubjectSlot, valuesUpTo byteCountMax: Int) -> Int {
        pseudonymByteCount + sealedByteCount(slot.byteCount(valuesUpTo: byteCountMax))
    }

    /// In hexadecimal, with quotes and a comma.
    private static let pseudonymByteCount = 2 * 16 + 3

    private static func sealedByteCount(_ plaintext: Int) -> Int {
        (plaintext / Vault.slotPadding + 1) * Vault.slotPadding + Vault.slotOverhead + Payload.itemOverhead
    }
}
