import Foundation
import FoundationNetworking

/// An identity provider's key set: a file, or what an address answers.
enum KeySetFile {
    private static let byteCountMax = 1 << 20
    private static let seconds = 10.0

    struct Unreadable: Error {}

    static func read(_ place: String) async throws -> [UInt8] {
        guard let url = URL(string: place), url.scheme == "https" || url.scheme == "http" else {
            guard let data = FileManager.default.contents(atPath: place), data.count <= byteCountMax else { throw Unreadable() }
            return [UInt8](data)
        }
        var request = URLRequest(url: url)
        request.timeoutInterval = seconds
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard (response as? HTTPURLResponse)?.statusCode == 200, data.count <= byteCountMax else { throw Unreadable() }
        return [UInt8](data)
    }
}
