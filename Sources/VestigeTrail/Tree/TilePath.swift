/// Names of a published tree's files below its directory, by C2SP tlog-tiles.
public enum TilePath {
    public static let checkpoint = "checkpoint"
    /// The directory that holds tiles and entry bundles.
    public static let top = "tile"

    /// - Parameter width: hashes in it, 1 to 256; 256 is a full tile.
    public static func tile(level: Int, index: UInt64, width: Int = Tile.width) -> String {
        "\(top)/\(level)/" + element(index, width)
    }

    /// The entries that tile `index` of level 0 is made from.
    public static func bundle(index: UInt64, width: Int = Tile.width) -> String {
        "\(top)/entries/" + element(index, width)
    }

    /// The directory of a tile's partial forms.
    public static func partials(of fullPath: String) -> String { fullPath + ".p" }

    /// Three digits an element, all but the last with an `x` before them: 1234067 is `x001/x234/067`.
    private static func element(_ index: UInt64, _ width: Int) -> String {
        var path = padded(index % 1000)
        var rest = index / 1000
        while rest > 0 {
            path = "x\(padded(rest % 1000))/" + path
            rest /= 1000
        }
        return width == Tile.width ? path : partials(of: path) + "/\(width)"
    }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}
