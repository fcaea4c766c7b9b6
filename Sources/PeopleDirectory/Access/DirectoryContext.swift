public import Hummingbird
public import VestigeCore
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

    /// - Throws: 401 when nobody is signed in, 403 when their role may not.
    @discardableResult
    func requireViewer(who may: (Role) -> Bool) throws -> Person {
        let viewer = try requireViewer()
        guard may(viewer.role) else { throw HTTPError(.forbidden) }
        return viewer
    }

    /// - Throws: 401 when nobody is signed in, 403 when somebody may open only their own page and this is another.
    func requireMayOpen(person id: String) throws -> Person {
        try requireViewer { [viewer] role in role.opensEverything || viewer?.id == id }
    }

    /// Nobody changes their own record: raising a salary takes two.
    ///
    /// - Throws: 401 when nobody is signed in, 403 when their role may not, or when it is their own.
    func requireMayChange(person id: String, _ may: (Role) -> Bool = \.opensEverything) throws {
        try requireViewer { [viewer] role in may(role) && viewer?.id != id }
    }

    /// Nobody has to give a reason for looking at what is their own.
    func looksAtOwn() {
        if recording.purpose == nil { recording.purpose = Self.ownPurpose }
    }

    /// What a page sends along when nobody chose another reason.
    static let usualPurpose = "support"
    private static let ownPurpose = "own"

    var purpose: String { recording.purpose ?? Self.usualPurpose }

    /// After a change the browser asks for the page anew, for the same reason. That is a look of its own.
    func seeOther(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: "\(path)\(path.contains("?") ? "&" : "?")purpose=\(purpose)"])
    }
}
