import VestigeCrypto

extension InclusionProof {
    /// The most hashes that a proof can have: a tree of 2⁶³ leaves.
    public static let hashCountMax = 63

    /// Reads C2SP tlog-proof text: the proof, and the note of the checkpoint it is to lead to. Neither is checked.
    ///
    /// - Throws: ``TrailError/malformedProof(_:)``
    public static func read(_ text: String) throws(TrailError) -> (proof: InclusionProof, note: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == "c2sp.org/tlog-proof@v1" else { throw .malformedProof("expected c2sp.org/tlog-proof@v1") }
        guard let place = lines.popFirst(), place.hasPrefix("index "), let index = UInt64(place.dropFirst(6)),
            place == "index \(index)"
        else { throw .malformedProof("expected the index of the entry") }
        guard let end = lines.firstIndex(where: \.isEmpty), lines.distance(from: lines.startIndex, to: end) <= hashCountMax else {
            throw .malformedProof("expected hashes and an empty line")
        }
        var hashes: [Bytes32] = []
        for line in lines[..<end] {
            guard let raw = Base64.decode(line), let hash = Bytes32(raw) else { throw .malformedProof("expected hashes in base64") }
            hashes.append(hash)
        }
        return (InclusionProof(index: index, hashes: hashes), lines[(end + 1)...].joined(separator: "\n"))
    }
}
