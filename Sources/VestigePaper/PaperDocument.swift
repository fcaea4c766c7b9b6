/// What stands on paper: blocks, one under the other. Any script that an installed font has.
public struct PaperDocument: Sendable {
    public enum Block: Sendable {
        case heading(String)
        case paragraph(String)
        /// Names at the left, what they are at the right.
        case facts([Fact])
        /// Text of fixed width, such as a key or a command; broken anywhere.
        case code(String)
    }

    public struct Fact: Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var title: String
    /// Small, at the foot of each page, before its number.
    public var foot: String
    public var blocks: [Block]

    public init(title: String, foot: String, blocks: [Block] = []) {
        self.title = title
        self.foot = foot
        self.blocks = blocks
    }
}
