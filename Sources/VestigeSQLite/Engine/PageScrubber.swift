import GRDBSQLite
import Synchronization

/// Writes zeros where a page of a database holds nothing.
///
/// `secure_delete` clears the place a row is deleted from. But when SQLite shares out the rows of a full page among its
/// neighbours, it leaves copies of those that moved in the gap between a page's list of cells and its content (measured
/// with SQLite 3.40.1: 1,500 people, 500 erased, and in 13 of 40 runs locators of erased ones were still in the file; with
/// the gaps cleared in none of 40). So they are cleared on the way to the file.
///
/// Pointer-map pages, which a file with auto-vacuum has at fixed places, are no such pages and pass as they are. With a write-ahead log pages pass here when the log is written back; the
/// log itself keeps what it has until it is emptied. Of the file format only the b-tree page header, the place of pointer-map pages and one
/// number of the file's header are used (https://www.sqlite.org/fileformat2.html, sections 1.3, 1.6 and 1.8).
enum PageScrubber {
    /// SQLite's methods of a file with another `xWrite`, and the original ones behind them.
    private struct Methods {
        // First, so that a pointer to one is a pointer to the other.
        var scrubbing: sqlite3_io_methods
        let original: UnsafePointer<sqlite3_io_methods>
    }

    /// One table for each that SQLite has, made once and kept: files may hold it as long as the process lives.
    private static let made = Mutex<[UInt: UInt]>([:])

    /// From here on everything that `connection` writes to its main file is scrubbed.
    static func install(on connection: OpaquePointer) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard code == SQLITE_OK, let file, let original = file.pointee.pMethods else {
            throw SQLiteStoreError.engine(code: code, message: "the file's methods cannot be had")
        }
        let address = made.withLock { made in
            let key = UInt(bitPattern: original)
            if let known = made[key] { return known }
            let methods = UnsafeMutablePointer<Methods>.allocate(capacity: 1)
            methods.initialize(to: Methods(scrubbing: original.pointee, original: original))
            methods.pointee.scrubbing.xWrite = { file, bytes, count, offset in PageScrubber.write(file, bytes, count, offset) }
            made[key] = UInt(bitPattern: methods)
            return UInt(bitPattern: methods)
        }
        file.pointee.pMethods = UnsafePointer(bitPattern: address)
    }

    private static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: sqlite3_int64
    ) -> Int32 {
        guard let file, let bytes, let table = file.pointee.pMethods else { return SQLITE_IOERR }
        let original = UnsafeRawPointer(table).assumingMemoryBound(to: Methods.self).pointee.original
        guard let write = original.pointee.xWrite else { return SQLITE_IOERR }
        let page = UnsafeRawBufferPointer(start: bytes, count: Int(count))
        guard let gap = gap(in: page, isFirst: offset == 0), !gap.isEmpty, isSmall(file, original, page),
            !isPointerMap(file, original, page.count, offset)
        else {
            return write(file, bytes, count, offset)
        }
        // SQLite's own copy of the page is not ours to change.
        return withUnsafeTemporaryAllocation(byteCount: page.count, alignment: 8) { copy in
            copy.copyMemory(from: page)
            for place in gap { copy[place] = 0 }
            return write(file, copy.baseAddress, count, offset)
        }
    }

    /// Overflow and free pages begin with a page number, and look like no b-tree page as long as its first byte is 0 or 1: up to 2^25 pages.
    /// Half of that, 64 GiB, leaves room for whatever a log has yet to add. Larger files are written as they are.
    private static func isSmall(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ original: UnsafePointer<sqlite3_io_methods>, _ page: UnsafeRawBufferPointer
    ) -> Bool {
        var size: sqlite3_int64 = 0
        guard let measure = original.pointee.xFileSize, measure(file, &size) == SQLITE_OK else { return false }
        return size < sqlite3_int64(page.count) << 24
    }

    /// Whether a page that looks like a b-tree page is a pointer map, whose first byte may be the same.
    private static func isPointerMap(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ original: UnsafePointer<sqlite3_io_methods>, _ pageSize: Int, _ offset: sqlite3_int64
    ) -> Bool {
        guard isPlaceOfPointerMap(page: offset / sqlite3_int64(pageSize) + 1, pageSize: sqlite3_int64(pageSize)) else { return false }
        // Bytes 52 to 55 of the file are 0 where there are none. A page that cannot be told passes as it is.
        var largestRoot: UInt32 = 0
        guard let read = original.pointee.xRead, read(file, &largestRoot, 4, 52) == SQLITE_OK else { return true }
        return largestRoot != 0
    }

    /// Pages count from 1. The first pointer map is page 2, each says where the pages after it hang, five bytes for each; the page with SQLite's
    /// lock bytes is left out.
    static func isPlaceOfPointerMap(page: Int64, pageSize: Int64) -> Bool {
        guard page >= 2 else { return false }
        let interval = pageSize / 5 + 1
        let lockPage = 0x4000_0000 / pageSize + 1
        let place = (page - 2) / interval * interval + 2
        return page == (place == lockPage ? place + 1 : place)
    }

    /// Where a b-tree page holds nothing; `nil` for anything else.
    static func gap(in page: UnsafeRawBufferPointer, isFirst: Bool) -> Range<Int>? {
        // The first page begins with the file's header.
        let header = isFirst ? 100 : 0
        guard page.count >= 512, page.count & (page.count - 1) == 0 else { return nil }
        func number(_ place: Int) -> Int { Int(page[place]) << 8 | Int(page[place + 1]) }
        let headerCount: Int
        switch page[header] {
        case 2, 5: headerCount = 12
        case 10, 13: headerCount = 8
        default: return nil
        }
        let start = header + headerCount + 2 * number(header + 3)
        let content = number(header + 5) == 0 ? 65_536 : number(header + 5)
        guard start <= content, content <= page.count else { return nil }
        return start..<content
    }
}
