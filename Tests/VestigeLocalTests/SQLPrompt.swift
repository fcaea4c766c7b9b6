import TestSupport
import Testing

/// Somebody with an SQL prompt on a database file and without a key. The file's own rules are taken away and put back after.
enum SQLPrompt {
    static let isThere = Program.python != nil

    private static let script = """
        import sqlite3, sys
        c = sqlite3.connect(sys.argv[1])
        rules = c.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in rules: c.execute(f'drop trigger "{name}"')
        c.executescript(sys.argv[2])
        for _, sql in rules: c.execute(sql)
        c.commit()
        """

    static func run(_ sql: String, on path: String) async throws {
        let ran = try await Program.run("python3", ["-c", script, path, sql])
        #expect(ran.exit == 0, "\(ran.output)")
    }
}
