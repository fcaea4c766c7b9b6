import GRDB
import Testing
import VestigeTrail

@testable import VestigeSQLite

@Suite("What SQLite says of a damaged trail")
struct TrailDamageTests {
    /// `SQLITE_TOOBIG`: one bit in the length of a row's header made it claim gigabytes (BitFlipTests found it, once in some 20,000 flips).
    @Test(
        "is damage to whoever verifies it, not a disk that is out of order",
        arguments: [ResultCode.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_TOOBIG, ResultCode(rawValue: 267)])
    func damage(_ code: ResultCode) throws {
        let error = #expect(throws: TrailError.self) {
            try SQLiteTrailStore.translating { throw DatabaseError(resultCode: code, message: "of the test") }
        }
        guard case .inconsistent(let what)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(what == "trail.sqlite is damaged or cut short (SQLite error \(code.rawValue): of the test)")
    }
}
