import Testing

@testable import VestigeSQLite

@Suite("Pages are scrubbed where they hold nothing")
struct PageScrubberTests {
    private func page(_ header: [UInt8], at place: Int = 0, count: Int = 4096) -> [UInt8] {
        var page = [UInt8](repeating: 0xEE, count: count)
        page.replaceSubrange(place..<place + header.count, with: header)
        return page
    }

    private func gap(_ page: [UInt8], isFirst: Bool = false) -> Range<Int>? {
        page.withUnsafeBytes { PageScrubber.gap(in: $0, isFirst: isFirst) }
    }

    @Test(
        "the gap lies between the list of cells and the content",
        arguments: [
            // kind, first free block, cells, start of content, fragments
            ([10, 0, 0, 0, 3, 0x0F, 0x00, 0], 14..<0x0F00), ([13, 0, 0, 0, 0, 0x10, 0x00, 0], 8..<4096),
            ([2, 0, 0, 0, 1, 0x08, 0x00, 0], 14..<0x0800), ([5, 0, 0, 0, 2, 0x00, 0x10, 0], 16..<16),
        ] as [([UInt8], Range<Int>)])
    func found(header: [UInt8], expected: Range<Int>) {
        #expect(gap(page(header)) == expected)
    }

    @Test("on the first page it follows the file's header")
    func first() {
        #expect(gap(page([13, 0, 0, 0, 1, 0x0F, 0x00, 0], at: 100), isFirst: true) == 110..<0x0F00)
    }

    @Test(
        "whatever is no page of a tree, or contradicts itself, stays as it is",
        arguments: [
            [0, 0, 0, 7, 1, 2, 3, 4], [1, 0, 0, 0, 0, 0, 0, 0], [10, 0, 0, 0, 3, 0x00, 0x05, 0], [10, 0, 0, 0, 3, 0x10, 0x01, 0],
            [13, 0, 0, 0xFF, 0xFF, 0x0F, 0, 0],
        ] as [[UInt8]])
    func untouched(header: [UInt8]) {
        #expect(gap(page(header)) == nil)
    }

    @Test("a write that is not a whole page stays as it is")
    func parts() {
        #expect(gap(page([13, 0, 0, 0, 0, 0, 0x20, 0], count: 24)) == nil)
        #expect(gap(page([13, 0, 0, 0, 0, 0x0F, 0, 0], count: 4000)) == nil)
    }
}
