import GRDB

/// Somebody with an SQL prompt on the file.
enum RawDatabase {
    static func execute(_ sql: String, on path: String) throws {
        try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    static func integer(_ sql: String, on path: String) throws -> Int? {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: sql) }
    }

    static func text(_ sql: String, on path: String) throws -> String? {
        try DatabaseQueue(path: path).read { try String.fetchOne($0, sql: sql) }
    }

    /// SQLite's message for a statement that must be refused.
    static func refusal(of sql: String, on path: String) throws -> String? {
        do { try execute(sql, on: path) } catch let error as DatabaseError { return error.message }
        return nil
    }
}
