import Hummingbird
import NIOCore
import VestigeCore
import VestigeInquiry
import VestigePolicy

/// One request that has passed the gate, in the hands of its route.
struct Call: Sendable {
    let request: Request
    let context: APIContext
    /// Whoever asks; `nil` on routes that are open to all.
    let access: Access?
    /// Declared by the tenant's policy; `nil` on routes that need none.
    let purpose: String?

    /// - Throws: 401. A route without a gate has nobody who asks.
    func requireAccess() throws(Problem) -> Access {
        guard let access else { throw .badCredential }
        return access
    }

    /// Who asks, and why.
    func asker() throws(Problem) -> Asker {
        let access = try requireAccess()
        guard let purpose else { throw .purpose(given: false, by: access.tenant.policy) }
        let caseReference = request.headers[Header.caseReference].flatMap { $0.isEmpty ? nil : $0 }
        let byteCount = caseReference?.utf8.count ?? 0
        guard byteCount <= Limits.caseByteCountMax else {
            throw Problem(
                .invalidValue, "a case is named by at most \(Limits.caseByteCountMax) bytes", member: Header.caseReference.canonicalName)
        }
        return access.asker(for: purpose, in: caseReference)
    }

    /// The body's members, where it is a JSON object.
    func members(known: [String]) async throws -> RequestMembers {
        try requireType("application/json")
        return try RequestMembers(try await body(upTo: Limits.questionByteCountMax), known: known)
    }

    func requireType(_ types: String...) throws(Problem) {
        let given = request.headers[.contentType].map { $0.prefix { $0 != ";" }.lowercased().filter { $0 != " " } }
        guard let given, types.contains(given) else {
            throw Problem(.mediaType, "This route takes \(types.joined(separator: " or ")); say so in Content-Type. Nothing was done.")
        }
    }

    func body(upTo byteCount: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > byteCount {
            throw NIOTooManyBytesError(maxBytes: byteCount)
        }
        do {
            return Array(try await request.body.collect(upTo: byteCount).readableBytesView)
        } catch let error as NIOTooManyBytesError {
            throw error
        } catch {
            throw Problem(.invalidValue, "The body broke off, or its chunks are none. Nothing was done.")
        }
    }

    /// The query's names and values. Another name than those known is refused.
    func query() -> [(name: String, value: String)] {
        request.uri.queryParameters.map { (String($0.key), String($0.value)) }
    }
}

/// How much one request may bring.
enum Limits {
    /// The reference of a case.
    static let caseByteCountMax = 512
    /// A question, filters and all.
    static let questionByteCountMax = 64 * 1024
    /// A batch of entries.
    static let batchByteCountMax = 8 << 20
    static let batchEntryCountMax = 1_000
    /// Entries that a search by text reads for one page; the next page goes on from there.
    static let textPlaceCountMax = 100_000
    /// Entries on one page, one of ``EntryPage/sizes``.
    static let pageSizeStandard = 50
}

extension Response {
    static func json(_ bytes: [UInt8], type: String = "application/json") -> Response {
        Response(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes + [0x0A])))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
