import GRDB
import VestigeTrail

/// Takes single bodies out of a trail, with all that was derived from them. The leaf stays.
enum TrailRedaction {
    static func remove(_ seqs: [UInt64], by entry: EntryID, _ db: Database) throws {
        let row = try PreparedStatement(
            db, "INSERT INTO redactions SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM redactions WHERE seq = ?1)")
        let header = try PreparedStatement(db, "SELECT header FROM bodies WHERE seq = ?")
        let removals = try ["bodies", "index_rows"].map { try PreparedStatement(db, "DELETE FROM \($0) WHERE seq = ?") }
        for seq in Set(seqs).sorted() {
            // First: the triggers let a body go only where a row names it.
            try row.bind(seq, at: 1)
            try row.bind(entry.bytes, at: 2)
            try row.run()
            try header.bind(seq, at: 1)
            if let bytes = try header.first({ $0.bytes(0) }) { try removeTerms(of: bytes, seq, db) }
            for removal in removals {
                try removal.bind(seq, at: 1)
                try removal.run()
            }
        }
    }

    private static func removeTerms(of header: [UInt8], _ seq: UInt64, _ db: Database) throws {
        guard let header = try? Header(decoding: header) else {
            // It does not say under which terms it stands.
            let removal = try PreparedStatement(db, "DELETE FROM terms WHERE seq = ?")
            try removal.bind(seq, at: 1)
            try removal.run()
            return
        }
        let removal = try PreparedStatement(db, "DELETE FROM terms WHERE term = ? AND seq = ?")
        for term in Term.all(of: header) {
            try removal.bind(term.bytes, at: 1)
            try removal.bind(seq, at: 2)
            try removal.run()
        }
    }
}
