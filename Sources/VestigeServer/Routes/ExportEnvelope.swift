import VestigeCrypto
import VestigeInquiry

/// A file and behind it its manifest, in one answer (`multipart/mixed`, RFC 2046): what an export lacks is known only at its end.
struct ExportEnvelope: Sendable {
    static let type = "multipart/mixed"

    private let boundary = "vestige-\(Bytes16.random().hex)"
    private let format: EntryFormat
    private let fileName: String

    init(_ order: ExportOrder) {
        format = order.format
        fileName = order.fileName
    }

    var contentType: String { "\(Self.type); boundary=\(boundary)" }

    /// What stands before the file's first byte.
    var head: [UInt8] { part(format.mediaType, fileName) }

    /// What stands behind its last one.
    func tail(_ manifest: ExportManifest) -> [UInt8] {
        var bytes = Array("\r\n".utf8)
        bytes += part("application/json", fileName + ".manifest.json")
        bytes += manifest.json
        bytes += "\r\n--\(boundary)--\r\n".utf8
        return bytes
    }

    private func part(_ type: String, _ fileName: String) -> [UInt8] {
        Array("--\(boundary)\r\nContent-Type: \(type)\r\nContent-Disposition: attachment; filename=\"\(fileName)\"\r\n\r\n".utf8)
    }
}
