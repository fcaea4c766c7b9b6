import VestigeCrypto

/// One entry with all that shows where it stands: what `vestige prove SEQ --json` prints, and what a certificate holds. It needs neither the
/// trail nor its file to be checked.
public struct EntryProof: Sendable, Equatable {
    public var seq: UInt64
    /// The 89 bytes of a ``Leaf``.
    public var leaf: [UInt8]
    /// Header and payload with their salts are `nil` where the body is gone, or was left out.
    public var header: [UInt8]?
    public var headerSalt: [UInt8]?
    public var payload: [UInt8]?
    public var payloadSalt: [UInt8]?
    /// C2SP tlog-proof text with the signed checkpoint that it leads to.
    public var text: String

    public init(
        seq: UInt64, leaf: [UInt8], header: [UInt8]?, headerSalt: [UInt8]?, payload: [UInt8]?, payloadSalt: [UInt8]?, text: String
    ) {
        self.seq = seq
        self.leaf = leaf
        self.header = header
        self.headerSalt = headerSalt
        self.payload = payload
        self.payloadSalt = payloadSalt
        self.text = text
    }

    public init(_ entry: StoredEntry, _ proof: InclusionProof, _ checkpoint: Checkpoint) {
        self.init(entry, text: proof.text(checkpoint: checkpoint))
    }

    package init(_ entry: StoredEntry, text: String) {
        self.init(
            seq: entry.seq, leaf: entry.leaf, header: entry.body?.header, headerSalt: entry.body?.headerSalt,
            payload: entry.body?.payload, payloadSalt: entry.body?.payloadSalt, text: text)
    }

    /// The members of `prove --json`, bytes in base64.
    package func write(to json: inout JSONWriter) {
        writeEntry(to: &json)
        json.member("proof", text)
    }

    /// The same without the proof's text, for what keeps it in another form.
    package func writeEntry(to json: inout JSONWriter) {
        json.key("seq")
        json.integer(Int64(clamping: seq))
        for (name, bytes) in [
            ("leaf", leaf), ("header", header), ("salt_header", headerSalt), ("payload", payload), ("salt_payload", payloadSalt),
        ] {
            json.key(name)
            if let bytes { json.string(Base64.encode(bytes)) } else { json.null() }
        }
    }

    /// Checks everything that is there: the checkpoint's signature under `key`, the proof, the leaf, the body against the leaf.
    public func checked(by key: VerifierKey) -> CheckedEntry {
        var checked = CheckedEntry()
        let leaf = Leaf(decoding: leaf)
        checked.leaf = leaf
        if leaf == nil { checked.add(.leaf, "it is no leaf of version 1") }
        do throws(TrailError) {
            let (proof, note) = try InclusionProof.read(text)
            if proof.index != seq { checked.add(.proof, "it is the proof of another place than \(seq)") }
            do throws(TrailError) {
                let checkpoint = try Checkpoint(verifying: note, by: key)
                checked.checkpoint = checkpoint
                if !proof.verifies(leafHash: TreeHash.leaf(self.leaf), in: checkpoint.head) {
                    checked.add(.proof, "the leaf does not lead to the root that the checkpoint signed")
                }
            } catch {
                checked.add(.checkpoint, "\(error)")
            }
        } catch {
            checked.add(.proof, "\(error)")
        }
        guard let leaf else { return checked }
        if let bytes = part(.header, header, headerSalt, leaf.headerHash, &checked) {
            do throws(TrailError) {
                let header = try Header(decoding: bytes)
                if header.id == leaf.id { checked.header = header } else { checked.add(.header, "it is of another entry than the leaf") }
            } catch {
                checked.add(.header, "\(error)")
            }
        }
        if let bytes = part(.payload, payload, payloadSalt, leaf.payloadHash, &checked) {
            do throws(TrailError) { checked.payload = try Payload(decoding: bytes) } catch { checked.add(.payload, "\(error)") }
        }
        return checked
    }

    /// The bytes of a part, if the leaf commits to them; `nil` too where the part was left out.
    private func part(
        _ part: BodyPart, _ bytes: [UInt8]?, _ salt: [UInt8]?, _ commitment: Bytes32, _ checked: inout CheckedEntry
    ) -> [UInt8]? {
        let kind: CheckedEntry.Finding.Kind = part == .header ? .header : .payload
        guard let bytes, let salt else {
            if bytes != nil || salt != nil { checked.add(kind, "the part or its salt is missing") }
            return nil
        }
        guard salt.count == SealedEntry.saltByteCount, Leaf.commitment(to: part, salt: salt, bytes: bytes) == commitment else {
            checked.add(kind, "the part or its salt is not what was recorded: the leaf commits to other bytes")
            return nil
        }
        return bytes
    }
}

/// What a check of an ``EntryProof`` gave: parts that hold, and findings about those that do not.
public struct CheckedEntry: Sendable {
    public struct Finding: Sendable, Equatable {
        public enum Kind: String, Sendable { case checkpoint, proof, leaf, header, payload }
        public let kind: Kind
        public let message: String
    }

    /// Signed by the key; `nil` if it is not.
    public fileprivate(set) var checkpoint: Checkpoint?
    /// Readable; it stands in the tree only where there is no finding.
    public fileprivate(set) var leaf: Leaf?
    /// What the leaf commits to; `nil` where it was left out or does not hold.
    public fileprivate(set) var header: Header?
    public fileprivate(set) var payload: Payload?
    public fileprivate(set) var findings: [Finding] = []

    fileprivate mutating func add(_ kind: Finding.Kind, _ message: String) { findings.append(Finding(kind: kind, message: message)) }
}
