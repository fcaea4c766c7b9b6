import GRDB
import VestigeTrail

/// Takes bodies out of a trail whose time is over, with all that was derived from them. Leaves stay.
enum TrailPruning {
    /// Places between two looks at the clock.
    private static let clockInterval = 16

    /// - Returns: how many of `seqs`, from the first on, have no body any more.
    static func remove(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration, _ db: Database) throws -> Int {
        if let outside = seqs.first(where: { !plan.range.contains($0) }) {
            throw TrailError.storage("entry \(outside) is outside of the plan's range")
        }
        // First: the triggers let a body go only where a row covers it.
        try keep(plan, db)
        let removal = try TrailRemoval(db)
        let deadline = ContinuousClock.now + time
        for (count, seq) in seqs.enumerated() {
            if count > 0, count.isMultiple(of: clockInterval), ContinuousClock.now >= deadline { return count }
            try removal.remove(seq)
        }
        return seqs.count
    }

    private static func keep(_ plan: StoredPlan, _ db: Database) throws {
        let row = try PreparedStatement(
            db,
            """
            INSERT INTO plans SELECT ?1, ?2, ?3, ?4, ?5, ?6
            WHERE NOT EXISTS (SELECT 1 FROM plans WHERE to_seq = ?1 AND from_seq = ?2 AND id = ?3)
            """)
        try row.bind(plan.range.upperBound, at: 1)
        try row.bind(plan.range.lowerBound, at: 2)
        try row.bind(plan.id, at: 3)
        try row.bind(plan.cutoff.microseconds, at: 4)
        try row.bind(plan.digest, at: 5)
        try row.bind(plan.entry, at: 6)
        try row.run()
    }

    /// One statement over index rows; nothing of a body is read.
    static func places(_ db: Database, _ range: Range<UInt64>, limit: Int) throws -> [PrunablePlace] {
        // Actions that begin with "audit." lie between these two: "/" follows ".".
        let statement = try PreparedStatement(
            db,
            """
            SELECT seq, channel FROM index_rows WHERE seq >= ? AND seq < ?
            AND (channel <> '\(TrailSchema.ownChannel)' OR (action >= 'audit.' AND action < 'audit/')) ORDER BY seq LIMIT ?
            """)
        try statement.bind(Int64(clamping: range.lowerBound), at: 1)
        try statement.bind(Int64(clamping: range.upperBound), at: 2)
        try statement.bind(Int64(max(0, limit)), at: 3)
        return try statement.all { PrunablePlace(seq: $0.place(0), channel: $0.text(1)) }
    }
}

/// Removes a body, its index row and its terms.
struct TrailRemoval {
    private let db: Database
    private let header: PreparedStatement
    private let removals: [PreparedStatement]
    private let term: PreparedStatement

    init(_ db: Database) throws {
        self.db = db
        header = try PreparedStatement(db, "SELECT header FROM bodies WHERE seq = ?")
        // The body first: what its index row says of it is what the rules go by.
        removals = try ["bodies", "index_rows"].map { try PreparedStatement(db, "DELETE FROM \($0) WHERE seq = ?") }
        term = try PreparedStatement(db, "DELETE FROM terms WHERE term = ? AND seq = ?")
    }

    func remove(_ seq: UInt64) throws {
        try header.bind(seq, at: 1)
        if let bytes = try header.first({ $0.bytes(0) }) { try removeTerms(of: bytes, seq) }
        for removal in removals {
            try removal.bind(seq, at: 1)
            try removal.run()
        }
    }

    private func removeTerms(of header: [UInt8], _ seq: UInt64) throws {
        guard let header = try? Header(decoding: header) else {
            // It does not say under which terms it stands.
            let removal = try PreparedStatement(db, "DELETE FROM terms WHERE seq = ?")
            try removal.bind(seq, at: 1)
            try removal.run()
            return
        }
        for place in Term.all(of: header) {
            try term.bind(place.bytes, at: 1)
            try term.bind(seq, at: 2)
            try term.run()
        }
    }
}
