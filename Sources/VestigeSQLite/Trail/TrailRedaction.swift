import GRDB
import VestigeTrail

/// Takes single bodies out of a trail, with all that was derived from them. The leaf stays.
enum TrailRedaction {
    static func remove(_ seqs: [UInt64], by entry: EntryID, _ db: Database) throws {
        let row = try PreparedStatement(
            db, "INSERT INTO redactions SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM redactions WHERE seq = ?1)")
        let removal = try TrailRemoval(db)
        for seq in Set(seqs).sorted() {
            // First: the triggers let a body go only where a row names it.
            try row.bind(seq, at: 1)
            try row.bind(entry.bytes, at: 2)
            try row.run()
            try removal.remove(seq)
        }
    }
}
