import VestigeTrail

extension TrailStoreConformance {
    static let cosignatures: Requirement = (
        "a checkpoint is kept once, and each line under it once, whenever it comes",
        { store in
            try fill(store, (0..<3).map(TrailSamples.header))
            try store.write { try $0.set(head(3, note: "third"), keep: true) }
            try store.write { try $0.keep("another 3\n", size: 3, cosignatures: ["— b B\n", "— a A\n"]) }
            try store.write { try $0.keep("third 3\n", size: 3, cosignatures: ["— a A\n", "— c C\n"]) }
            try store.write { try $0.keep("second 2\n", size: 2, cosignatures: ["— a A\n"]) }
            try store.write { try $0.keep("first 1\n", size: 1, cosignatures: []) }
            try requireEqual(try store.keptCheckpoints().map(\.note), ["first 1\n", "second 2\n", "third 3\n"], "the kept checkpoints")
            let second = StoredCosignature(size: 2, line: "— a A\n")
            let third = ["— a A\n", "— b B\n", "— c C\n"].map { StoredCosignature(size: 3, line: $0) }
            try requireEqual(try store.cosignatures(0...9), [second] + third, "all lines")
            try requireEqual(try store.cosignatures(3...3), third, "the lines of one size")
            try requireEqual(try store.cosignatures(4...UInt64(Int64.max)), [], "the lines of no size")
            try requireThrow("a line whose transaction fails") {
                try store.write { transaction in
                    try transaction.keep("fourth 4\n", size: 4, cosignatures: ["— a A\n"])
                    throw Unkept(reason: "asked for")
                }
            }
            try requireEqual(try store.cosignatures(4...4), [], "the lines after a failure")
        }
    )
}
