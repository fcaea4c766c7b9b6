import Hummingbird
import NIOCore
import VestigeCore
import VestigePolicy
import VestigeTrail

/// The trail itself, for those who verify it: key, checkpoint, proofs, tiles and entry bundles (C2SP tlog-tiles below `/v1`).
struct TrailRoutes: Sendable {
    private static let seq = Route.Parameter(
        name: "seq", place: "path", description: "The entry's place, from 0.",
        schema: #"{"type":"integer","format":"int64","minimum":0}"#, isRequired: true)

    private static let tile = Route.Parameter(
        name: "tile", place: "path", description: "The tile's place, three digits an element.", isRequired: true)

    var routes: [Route] { statements + proofs + tiles }

    private var statements: [Route] {
        [
            Route(
                method: .get, path: "/v1/status", id: "status", summary: "The trail's name, key and size, and how many people it knows.",
                need: .right(.query),
                answers: [Route.Answer(description: "Numbers.", types: ["application/json"], schema: "Status")],
                run: { .json(try await $0.requireAccess().tenant.status()) }),
            Route(
                method: .get, path: "/v1/key", id: "verifierKey", summary: "The key that checkpoints are verified by (C2SP signed note).",
                need: .right(.verify), parameters: [AskedTrail.parameter],
                answers: [Route.Answer(description: "name+key id+key", types: ["text/plain"])],
                run: { .text(try $0.trail().verifierKey.description + "\n") }),
            Route(
                method: .get, path: "/v1/checkpoint", id: "checkpoint",
                summary: "The newest signed checkpoint (C2SP tlog-checkpoint), with the lines of witnesses that cosigned this one.",
                need: .right(.verify), parameters: [AskedTrail.parameter],
                answers: [Route.Answer(description: "A signed note.", types: ["text/plain"])],
                run: { call in
                    let (trail, witnesses) = (try call.trail(), try call.requireAccess().tenant.witnesses)
                    return .text(try await trail.cosigned(try await trail.checkpoint()) { try await witnesses(trail) })
                }),
        ]
    }

    private var proofs: [Route] {
        [
            Route(
                method: .get, path: "/v1/proofs/{seq}", id: "proof",
                summary: "The proof that an entry stands in the newest checkpoint (C2SP tlog-proof).", need: .right(.verify),
                parameters: [Self.seq, AskedTrail.parameter],
                answers: [Route.Answer(description: "tlog-proof text.", types: ["text/plain"])], problems: [.notFound], run: proof),
            Route(
                method: .get, path: "/v1/consistency/{size}", id: "consistency",
                summary: "The proof that the trail still begins with what it was at a size (RFC 6962, as in a C2SP witness request).",
                need: .right(.verify),
                parameters: [
                    Route.Parameter(
                        name: "size", place: "path", description: "How many entries it had.",
                        schema: #"{"type":"integer","format":"int64","minimum":0}"#, isRequired: true), AskedTrail.parameter,
                ],
                answers: [Route.Answer(description: "old N, hashes, an empty line, the newest checkpoint.", types: ["text/plain"])],
                problems: [.notFound], run: consistency),
        ]
    }

    private var tiles: [Route] {
        [
            Route(
                method: .get, path: "/v1/tile/entries/{tile}", id: "entryBundle",
                summary: "Leaves of the tree, which name nobody (C2SP tlog-tiles): 256 under each tile of level 0.", need: .right(.verify),
                parameters: [Self.tile, AskedTrail.parameter],
                answers: [Route.Answer(description: "Each leaf behind its length in two bytes.", types: ["application/octet-stream"])],
                problems: [.notFound], run: bundle),
            Route(
                method: .get, path: "/v1/tile/{level}/{tile}", id: "tile",
                summary: "Hashes of the tree (C2SP tlog-tiles). The tile may have slashes: x001/x234/067, or 067.p/12 for its first 12.",
                need: .right(.verify),
                parameters: [
                    Route.Parameter(
                        name: "level", place: "path", description: "From 0.", schema: #"{"type":"integer","minimum":0,"maximum":7}"#,
                        isRequired: true), Self.tile, AskedTrail.parameter,
                ],
                answers: [Route.Answer(description: "32 bytes a hash.", types: ["application/octet-stream"])], problems: [.notFound],
                run: tile),
        ]
    }

    private func proof(_ call: Call) async throws -> Response {
        guard let seq = call.context.parameters.get("seq").flatMap({ UInt64($0) }) else {
            throw Problem(.invalidValue, "seq is the entry's place, a whole number from 0", member: "seq")
        }
        let (_, proof, checkpoint) = try await call.trail().proof(of: seq)
        return .text(proof.text(checkpoint: checkpoint))
    }

    private func consistency(_ call: Call) async throws -> Response {
        guard let size = call.context.parameters.get("size").flatMap({ UInt64($0) }) else {
            throw Problem(.invalidValue, "size is how many entries the trail had, a whole number from 0", member: "size")
        }
        let (proof, checkpoint) = try await call.trail().consistencyProof(from: size)
        return .text(proof.text(checkpoint: checkpoint))
    }

    private func bundle(_ call: Call) async throws -> Response {
        let place = try Self.place(call)
        return try Self.bytes(
            try await call.trail().withTree { try $0.bundle(index: place.index, width: place.width) })
    }

    private func tile(_ call: Call) async throws -> Response {
        let place = try Self.place(call)
        guard let level = call.context.parameters.get("level").flatMap({ Int($0) }) else { throw Self.noTile }
        return try Self.bytes(
            try await call.trail().withTree { try $0.bytes(level: level, index: place.index, width: place.width) })
    }

    private static func place(_ call: Call) throws(Problem) -> TilePlace {
        guard let place = TilePlace(call.context.parameters.getCatchAll().map(String.init)) else { throw noTile }
        return place
    }

    private static let noTile = Problem(
        .invalidValue, "a tile is LEVEL/N or entries/N, three digits an element, as C2SP tlog-tiles writes it", member: "tile")

    private static func bytes(_ bytes: [UInt8]?) throws(Problem) -> Response {
        guard let bytes else { throw .beyondTheTrail }
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
