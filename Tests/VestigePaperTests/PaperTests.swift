#if EvidencePacks
    import Foundation
    import Testing
    import VestigePaper

    @Suite("Paper")
    struct PaperTests {
        private let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "vestige-paper-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        /// In the scripts of Europe, with marks that combine.
        private static let names = [
            "Ægir Þórsson", "Łukasz Żółć", "Ζωή Παπαδοπούλου", "Щербаков Юрій", "Նարեկ Հակոբյան", "გიორგი ბერიძე", "Zoe\u{301} A\u{30A}",
        ]

        @Test("A document of many pages is a PDF of that many sheets of A4, with fonts inside")
        func pages() throws {
            var document = PaperDocument(title: "Evidence", foot: "vestige.local/00")
            for number in 0..<80 {
                document.blocks.append(.heading("Part \(number)"))
                document.blocks.append(.paragraph(Self.names.joined(separator: ", ")))
                document.blocks.append(.facts(Self.names.map { PaperDocument.Fact($0, String(repeating: $0 + " ", count: 12)) }))
                document.blocks.append(.code(String(repeating: "0123456789abcdef", count: 20)))
            }
            let file = folder.appending(path: "a.pdf")
            try PDF.draw(document, to: file.path, created: "2026-05-04T09:12:33Z")
            let text = String(decoding: try Data(contentsOf: file), as: Unicode.ASCII.self)
            #expect(text.hasPrefix("%PDF-"))
            #expect(text.hasSuffix("%%EOF\n"))
            #expect(text.contains("595.28"))
            #expect(text.contains("/FontFile"))
            let count = try #require(text.firstMatch(of: #//Count ([0-9]+)/#).flatMap { Int($0.1) })
            #expect(count > 10)
        }

        @Test("A document that cannot be written says so")
        func nowhere() {
            #expect(throws: PaperError.self) {
                try PDF.draw(PaperDocument(title: "x", foot: "y"), to: "/nowhere/at/all.pdf", created: "2026-05-04T09:12:33Z")
            }
        }

        @Test("What is packed comes out again, the same files make the same archive, and nothing is overwritten")
        func archive() throws {
            let (one, two) = (folder.appending(path: "1"), folder.appending(path: "2"))
            try Data("Ζωή\n".utf8).write(to: one)
            try Data(repeating: 7, count: 3_000_000).write(to: two)
            let members = [ZIPArchive.Member(name: "pack/ä.txt", path: one.path), .init(name: "pack/zeros", path: two.path)]
            let files = ["a.zip", "b.zip"].map { folder.appending(path: $0) }
            for file in files { try ZIPArchive.make(members, at: file.path, time: 1_777_000_000) }
            let bytes = try files.map { try Data(contentsOf: $0) }
            #expect(bytes[0] == bytes[1])
            #expect(bytes[0].count < 20_000)
            #expect(bytes[0].starts(with: [0x50, 0x4B, 3, 4]))
            #expect(throws: PaperError.self) { try ZIPArchive.make(members, at: files[0].path, time: 0) }
            #expect(try Data(contentsOf: files[0]) == bytes[0])
            let gone = [ZIPArchive.Member(name: "x", path: folder.appending(path: "gone").path)]
            let third = folder.appending(path: "c.zip").path
            #expect(throws: PaperError.self) { try ZIPArchive.make(gone, at: third, time: 0) }
            #expect(!FileManager.default.fileExists(atPath: third))
        }
    }
#endif
