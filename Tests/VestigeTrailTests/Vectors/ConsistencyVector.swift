import Testing

/// A consistency case of transparency-dev/merkle 417fb0c, testdata/consistency (Apache-2.0).
struct ConsistencyVector: Sendable, CustomTestStringConvertible {
    let name: String
    let oldSize: UInt64
    let newSize: UInt64
    let isGood: Bool
    /// Base64, as all hashes here.
    let oldRoot: String
    let newRoot: String
    let proof: [String]

    var testDescription: String { name }

    /// Hashes by their place in ``hashes``.
    private init(_ name: String, from oldSize: UInt64, to newSize: UInt64, isGood: Bool, roots: (Int, Int), proof: [Int]) {
        self.init(
            name: name, oldSize: oldSize, newSize: newSize, isGood: isGood, oldRoot: Self.hashes[roots.0], newRoot: Self.hashes[roots.1],
            proof: proof.map { Self.hashes[$0] })
    }

    init(name: String, oldSize: UInt64, newSize: UInt64, isGood: Bool, oldRoot: String, newRoot: String, proof: [String]) {
        self.name = name
        self.oldSize = oldSize
        self.newSize = newSize
        self.isGood = isGood
        self.oldRoot = oldRoot
        self.newRoot = newRoot
        self.proof = proof
    }

    /// A choice of the 98 cases; `ConsistencyProofTests` runs all of them where the folder of vectors is there.
    static let some: [ConsistencyVector] = [
        ConsistencyVector("0/happy-path", from: 1, to: 1, isGood: true, roots: (0, 0), proof: []),
        ConsistencyVector("1/empty-proof", from: 1, to: 8, isGood: false, roots: (0, 1), proof: []),
        ConsistencyVector("1/happy-path", from: 1, to: 8, isGood: true, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/modified-proof@0-bit-@4", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [5, 3, 4]),
        ConsistencyVector("1/modified-proof@1-bit-@4", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 6, 4]),
        ConsistencyVector("1/modified-proof@2-bit-@4", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 7]),
        ConsistencyVector("1/preceding-garbage", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [8, 2, 3, 4]),
        ConsistencyVector("1/preceding-proof-@0", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 2, 3, 4]),
        ConsistencyVector("1/preceding-root1", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [0, 2, 3, 4]),
        ConsistencyVector("1/preceding-root2", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [1, 2, 3, 4]),
        ConsistencyVector("1/size1-XOR-@2", from: 3, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/size1-plus-@1", from: 2, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/size1-sub-@1", from: 0, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/size2-div-@2", from: 1, to: 4, isGood: false, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/size2-mul-@2", from: 1, to: 16, isGood: false, roots: (0, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/swapped-roots", from: 1, to: 8, isGood: false, roots: (1, 0), proof: [2, 3, 4]),
        ConsistencyVector("1/trailing-garbage", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4, 8]),
        ConsistencyVector("1/trailing-root1", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4, 0]),
        ConsistencyVector("1/trailing-root2", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 3, 4, 1]),
        ConsistencyVector("1/truncated-proof", from: 1, to: 8, isGood: false, roots: (0, 1), proof: [2, 3]),
        ConsistencyVector("1/wrong-root1", from: 1, to: 8, isGood: false, roots: (9, 1), proof: [2, 3, 4]),
        ConsistencyVector("1/wrong-root2", from: 1, to: 8, isGood: false, roots: (0, 9), proof: [2, 3, 4]),
        ConsistencyVector("2/happy-path", from: 6, to: 8, isGood: true, roots: (13, 1), proof: [10, 11, 12]),
        ConsistencyVector("2/size1-plus-@1", from: 7, to: 8, isGood: false, roots: (13, 1), proof: [10, 11, 12]),
        ConsistencyVector("2/truncated-proof", from: 6, to: 8, isGood: false, roots: (13, 1), proof: [10, 11]),
        ConsistencyVector("3/happy-path", from: 2, to: 5, isGood: true, roots: (15, 16), proof: [3, 14]),
        ConsistencyVector("3/swapped-roots", from: 2, to: 5, isGood: false, roots: (16, 15), proof: [3, 14]),
        ConsistencyVector("4/empty-proof", from: 6, to: 7, isGood: false, roots: (13, 17), proof: []),
        ConsistencyVector("4/happy-path", from: 6, to: 7, isGood: true, roots: (13, 17), proof: [10, 18, 12]),
        ConsistencyVector("4/wrong-root1", from: 6, to: 7, isGood: false, roots: (9, 17), proof: [10, 18, 12]),
        ConsistencyVector(
            "additional/consistency-check-on-empty-tree-size1-is-zero-is-useless", from: 0, to: 1, isGood: false, roots: (19, 19),
            proof: [19]),
        ConsistencyVector("additional/roots-do-not-match-and-sizes-are-zero", from: 0, to: 0, isGood: false, roots: (19, 20), proof: []),
        ConsistencyVector("additional/roots-do-not-not-match-and-sizes-are-one", from: 1, to: 1, isGood: false, roots: (19, 20), proof: []),
        ConsistencyVector("additional/size1-is-greater-than-size2-again", from: 2, to: 1, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector("additional/size1-is-greater-than-size2", from: 1, to: 0, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector("additional/size1-is-zero-and-does-not-equal-size2", from: 0, to: 1, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector("additional/size1-is-zero-and-size2-is-not-zero", from: 0, to: 1, isGood: false, roots: (19, 20), proof: []),
        ConsistencyVector("additional/sizes-are-equal-one-and-proof-is-empty", from: 1, to: 1, isGood: true, roots: (20, 20), proof: []),
        ConsistencyVector("additional/sizes-are-equal-one-but-roots-are-not", from: 1, to: 1, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector("additional/sizes-are-equal-zero-and-proof-is-empty", from: 0, to: 0, isGood: false, roots: (21, 21), proof: []),
        ConsistencyVector("additional/sizes-are-equal-zero-but-roots-are-not", from: 0, to: 0, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector("additional/sizes-do-not-watch-and-proof-is-empty", from: 1, to: 2, isGood: false, roots: (21, 20), proof: []),
        ConsistencyVector(
            "additional/sizes-match-but-proof-is-not-empty-and-sizes-are-one", from: 1, to: 1, isGood: false, roots: (19, 19), proof: [19]),
        ConsistencyVector(
            "additional/sizes-match-but-proof-is-not-empty-and-sizes-are-zero", from: 0, to: 0, isGood: false, roots: (19, 19), proof: [19]),
    ]

    private static let hashes = [
        "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
        "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
        "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
        "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        "hqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
        "Twg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
        "e0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        "",
        "V3JvbmdSb290",
        "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=",
        "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
        "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=",
        "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
        "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
        "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=",
        "3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=",
        "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "ZG9uJ3QgY2FyZSAy",
        "ZG9uJ3QgY2FyZSAx",
    ]
}
