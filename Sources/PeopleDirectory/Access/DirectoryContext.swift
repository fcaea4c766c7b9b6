public import Hummingbird
public import VestigeHummingbird

/// What the directory knows of a request while it answers it.
public struct DirectoryContext: RecordingRequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Where handlers and middleware put what the trail needs to know. A context is a value, the slot is not: what is put here reaches
    /// the recording middleware, which sits outermost.
    public let recording: RecordingSlot
    /// Who is signed in.
    var viewer: Person?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        recording = RecordingSlot(source: source)
    }

    public var maxUploadSize: Int { 16 * 1024 }

    /// - Throws: 401 when nobody is signed in.
    func requireViewer() throws -> Person {
        guard let viewer else { throw HTTPError(.unauthorized) }
        return viewer
    }

    /// - Throws: 401 when nobody is signed in, 403 when somebody may open only their own page and this is another.
    func requireMayOpen(person id: String) throws -> Person {
        let viewer = try requireViewer()
        guard viewer.role.opensEverything || viewer.id == id else { throw HTTPError(.forbidden) }
        return viewer
    }
}
