extension String {
    /// Its first bytes, at most `byteCountMax`, up to the end of a scalar.
    package func cut(to byteCountMax: Int) -> String {
        guard utf8.count > byteCountMax else { return self }
        var end = utf8.index(startIndex, offsetBy: byteCountMax)
        // Not inside of a scalar.
        while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension AuditActor {
    /// With texts that an entry can keep. Its id stays: another one would be somebody else's.
    func cut() -> AuditActor {
        var actor = self
        actor.name = name?.cut(to: EntryResolver.textByteCountMax)
        actor.email = email?.cut(to: EntryResolver.textByteCountMax)
        actor.session = session?.cut(to: EntryResolver.textByteCountMax)
        actor.ip = ip?.cut(to: EntryResolver.textByteCountMax)
        actor.userAgent = userAgent?.cut(to: RecordingSlot.userAgentByteCountMax)
        return actor
    }
}
