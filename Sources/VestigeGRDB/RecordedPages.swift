public import VestigeCore

/// Pages of records, each recorded before it is handed out. See ``RecordedDatabase/pages(of:size:showing:)``.
///
/// Nothing is read before the first page is asked for; each iteration reads anew.
public struct RecordedPages<Record: Recordable>: AsyncSequence, Sendable {
    public typealias Element = [Record]
    public typealias Failure = any Error

    /// More people than these would be more than one entry.
    static var sizeMax: Int { 1000 }

    let size: Int
    let places: @Sendable () async throws -> [Int64]
    let page: @Sendable ([Int64]) async throws -> [Record]

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pages: self)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let pages: RecordedPages
        private var rest: ArraySlice<Int64>?

        init(pages: RecordedPages) {
            self.pages = pages
        }

        /// - Throws: ``RecordingError`` when the page cannot be recorded; it is not handed out then. `DatabaseError`.
        public mutating func next() async throws -> [Record]? {
            var left: ArraySlice<Int64>
            if let rest { left = rest } else { left = try await pages.places()[...] }
            while !left.isEmpty {
                let records = try await pages.page(Array(left.prefix(pages.size)))
                left = left.dropFirst(pages.size)
                rest = left
                if !records.isEmpty { return records }
            }
            rest = []
            return nil
        }
    }
}
