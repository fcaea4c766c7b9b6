/// The last part of a tile's path: `067`, `x001/x234/067`, `067.p/12`.
package struct TilePlace: Equatable, Sendable {
    package let index: UInt64
    package let width: Int

    package init?(_ elements: [String]) {
        var elements = elements
        var width = Tile.width
        if elements.count >= 2, elements[elements.count - 2].hasSuffix(".p") {
            guard let number = elements.popLast(), let given = Int(number), String(given) == number, (1..<Tile.width).contains(given),
                let last = elements.popLast()
            else { return nil }
            width = given
            elements.append(String(last.dropLast(2)))
        }
        guard (1...6).contains(elements.count) else { return nil }
        var index: UInt64 = 0
        for (place, element) in elements.enumerated() {
            let isLast = place == elements.count - 1
            guard isLast || element.hasPrefix("x") else { return nil }
            let digits = isLast ? element[...] : element.dropFirst()
            guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(digits),
                isLast || place > 0 || number > 0
            else { return nil }
            index = index * 1000 + number
        }
        self.index = index
        self.width = width
    }
}
