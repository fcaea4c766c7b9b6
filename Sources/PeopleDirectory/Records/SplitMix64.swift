/// A small generator of made-up data: the same seed gives the same numbers on every machine and with every compiler.
/// It is no source of secrets.
///
/// Source: Sebastiano Vigna, <https://prng.di.unimi.it/splitmix64.c> (public domain).
public struct SplitMix64: Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 to `bound - 1`. The standard library's own choice may change between compilers; this one does not.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a bound is at least 1")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// One of `choices`, which is not empty.
    public mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[below(choices.count)]
    }

    /// `elements` in another order (Fisher and Yates).
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for last in stride(from: result.count - 1, to: 0, by: -1) {
            result.swapAt(last, below(last + 1))
        }
        return result
    }
}
