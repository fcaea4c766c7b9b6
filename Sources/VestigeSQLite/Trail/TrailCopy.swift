import GRDB
public import VestigeTrail

extension SQLiteTrailStore {
    /// Copies the trail as of its newest checkpoint into one new file, while processes go on recording.
    ///
    /// Entries are never changed and only added at the end, so the checkpoint that stood when this began says which rows belong to the copy,
    /// however long it takes. They are read in pages of a quarter of a second at most: SQLite's own backup begins anew whenever another
    /// process writes, and one long read would keep the write-ahead log from being reset. The copy has a rollback journal, so it is one file,
    /// and its rows stand packed and in order.
    ///
    /// It is not synced, and whoever reads it should verify it first: a run that removes bodies meanwhile leaves a gap that verification names.
    /// If this throws, an unfinished file may stand there.
    ///
    /// - Parameters:
    ///   - name: of a file that does not exist yet, in `directory`; made with mode 0600.
    ///   - progress: rows of bodies copied, of how many.
    /// - Returns: the head of the copy.
    /// - Throws: ``TrailError/alreadyExists``, ``TrailError/storage(_:)``, ``TrailError/foreignFile(_:)``.
    public func copy(
        to name: String, in directory: String, progress: (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) throws -> StoredHead {
        guard let head = try head() else { throw TrailError.foreignFile("the trail was never begun; there is nothing to copy") }
        try Self.translating {
            var file = TrailSchema.file.named(name)
            file.journal = .delete
            file.schema = TrailSchema.tables
            let target = try file.create(in: directory, cacheByteCount: TrailCopy.cacheByteCount) { _ in }
            try target.writeWithoutTransaction { db in
                // The file is synced as a whole once it is whole; until then nobody relies on it.
                try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
                try TrailCopy(source: self, target: db, head: head).run(progress)
                for statement in TrailSchema.guards { try db.execute(sql: statement) }
                try SQLiteTrailTransaction(db).set(head, keep: false)
            }
            try target.close()
        }
        return head
    }
}

/// The rows of a trail below the size of one checkpoint, page by page from one file to another.
private final class TrailCopy {
    static let cacheByteCount = 16 << 20
    /// Rows in one page, if time allows.
    private static let pageCount = 8_192
    /// A tile has 8 KiB.
    private static let tilePageCount = 1_024
    private static let pageTimeMax = Duration.milliseconds(250)
    private static let logInterval = Duration.seconds(1)
    /// Hashes of a full tile, as a power of two.
    private static let tileBits = 8
    private static let levelCount = 8

    let source: SQLiteTrailStore
    let target: Database
    let head: StoredHead
    private var logSeenAt = ContinuousClock.now

    init(source: SQLiteTrailStore, target: Database, head: StoredHead) {
        self.source = source
        self.target = target
        self.head = head
    }

    func run(_ progress: (UInt64, UInt64) -> Void) throws {
        let size = Int64(bitPattern: head.size)
        try all("SELECT key, value FROM meta", [], into: "meta", columns: 2)
        try bySeq("SELECT seq, leaf FROM leaves", "seq", below: size, into: "leaves", columns: 2)
        try bySeq(
            "SELECT seq, header_salt, header, payload_salt, payload FROM bodies", "seq", below: size, into: "bodies", columns: 5
        ) { progress($0, head.size) }
        try bySeq(
            "SELECT seq, occurred_at, channel, event, action, status, actor_type, purpose FROM index_rows", "seq", below: size,
            into: "index_rows", columns: 8)
        // Before the checkpoints, one of which is kept with each: none may come to stand without its own.
        try cosignatures()
        // A checkpoint of this very size may be kept as well.
        try bySeq("SELECT size, note FROM checkpoints", "size", below: size + 1, into: "checkpoints", columns: 2)
        // A removal that is told of only behind the copy's end is none of the copy's.
        let isTold = "EXISTS (SELECT 1 FROM leaves l WHERE substr(l.leaf, 2, 16) = entry AND l.seq < ?)"
        try all("SELECT seq, entry FROM redactions WHERE \(isTold)", [size], into: "redactions", columns: 2)
        try all(
            "SELECT to_seq, from_seq, id, cutoff, digest, entry FROM plans WHERE \(isTold)", [size], into: "plans", columns: 6)
        for level in 0..<TrailCopy.levelCount { try tiles(level: level) }
        try terms()
    }

    // MARK: Kinds of tables

    /// A small table, in one statement.
    private func all(_ select: String, _ arguments: [Int64], into table: String, columns: Int32) throws {
        try page(select, arguments, into: table, columns: columns) { _ in true }
    }

    /// A table with a number that rises, from its beginning up to but not including `end`.
    private func bySeq(
        _ select: String, _ column: String, below end: Int64, into table: String, columns: Int32, _ progress: (UInt64) -> Void = { _ in }
    ) throws {
        var next: Int64 = 0
        while next < end {
            let sql = "\(select) WHERE \(column) >= ? AND \(column) < ? ORDER BY \(column) LIMIT \(TrailCopy.pageCount)"
            var last: Int64?
            let isAll = try page(sql, [next, end], into: table, columns: columns) { row in
                last = row.integer(0)
                return true
            }
            guard let last else { return }
            progress(UInt64(last) + 1)
            if isAll, last + 1 >= end { return }
            next = last + 1
        }
    }

    /// A full tile of a level covers 256 times as many leaves as one of the level below.
    private func tiles(level: Int) throws {
        let end = Int64(bitPattern: head.size >> UInt64(TrailCopy.tileBits * (level + 1)))
        var next: Int64 = 0
        while next < end {
            var last: Int64?
            try page(
                "SELECT level, idx, hashes FROM tiles WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT \(TrailCopy.tilePageCount)",
                [Int64(level), next, end], into: "tiles", columns: 3
            ) { row in
                last = row.integer(1)
                return true
            }
            guard let last else { return }
            next = last + 1
        }
    }

    /// Several stand under one checkpoint.
    private func cosignatures() throws {
        guard try source.read(TrailReads.hasCosignatures) else { return }
        var last: (size: Int64, line: String)? = (-1, "")
        while let (size, line) = last {
            last = nil
            try betweenPages()
            try source.read { db in
                let select = PreparedStatement(
                    try db.makeStatement(
                        sql: """
                            SELECT size, line FROM cosignatures WHERE (size, line) > (?, ?) AND size <= ?
                            ORDER BY size, line LIMIT \(TrailCopy.pageCount)
                            """))
                try select.bind(size, at: 1)
                try select.bind(line, at: 2)
                try select.bind(Int64(bitPattern: head.size), at: 3)
                try move(select, into: "cosignatures", columns: 2) { row in
                    last = (row.integer(0), row.text(1))
                    return true
                }
            }
        }
    }

    /// The index by term stands in the order of terms: all of it is read, and what belongs to later entries is left out.
    private func terms() throws {
        var last: (term: [UInt8], seq: UInt64)? = ([], 0)
        while let (term, seq) = last {
            last = nil
            try betweenPages()
            try source.read { db in
                let select = PreparedStatement(
                    try db.makeStatement(
                        sql: "SELECT term, seq FROM terms WHERE (term, seq) > (?, ?) ORDER BY term, seq LIMIT \(TrailCopy.pageCount)"))
                try select.bind(term, at: 1)
                try select.bind(seq, at: 2)
                try move(select, into: "terms", columns: 2) { row in
                    last = (row.bytes(0), row.place(1))
                    return row.place(1) < head.size
                }
            }
        }
    }

    // MARK: One page

    private func betweenPages() throws {
        guard ContinuousClock.now - logSeenAt > TrailCopy.logInterval else { return }
        try source.shortenLog()
        logSeenAt = .now
    }

    @discardableResult
    private func page(
        _ select: String, _ arguments: [Int64], into table: String, columns: Int32, _ visit: (PreparedStatement) -> Bool
    ) throws -> Bool {
        try betweenPages()
        return try source.read { db in
            let statement = PreparedStatement(try db.makeStatement(sql: select))
            for (place, argument) in arguments.enumerated() { try statement.bind(argument, at: Int32(place + 1)) }
            return try move(statement, into: table, columns: columns, visit)
        }
    }

    /// Writes the rows of `select` in one transaction; rows that `visit` does not want are passed over.
    ///
    /// - Returns: false if the time was over before the last row.
    @discardableResult
    private func move(
        _ select: PreparedStatement, into table: String, columns: Int32, _ visit: (PreparedStatement) -> Bool
    ) throws -> Bool {
        defer { select.reset() }
        let places = Array(repeating: "?", count: Int(columns)).joined(separator: ", ")
        let insert = try PreparedStatement(target, "INSERT INTO \(table) VALUES (\(places))")
        let deadline = ContinuousClock.now + TrailCopy.pageTimeMax
        var isAll = true
        try target.inTransaction(.immediate) {
            var count = 0
            while try select.step() {
                count += 1
                if visit(select) {
                    for column in 0..<columns { try insert.bind(column, of: select, at: column + 1) }
                    try insert.run()
                }
                if count % 64 == 0, ContinuousClock.now > deadline {
                    isAll = false
                    break
                }
            }
            return .commit
        }
        return isAll
    }
}
