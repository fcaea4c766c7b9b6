public import Hummingbird
public import VestigeCore

/// A context that carries a `RecordingSlot`.
///
/// ```swift
/// struct AppContext: RecordingRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let recording: RecordingSlot
///
///     init(source: ApplicationRequestContextSource) {
///         coreContext = .init(source: source)
///         recording = RecordingSlot(source: source)
///     }
/// }
/// ```
public protocol RecordingRequestContext: RequestContext {
    /// The same object for as long as the request lasts.
    var recording: RecordingSlot { get }
}

extension RecordingSlot {
    /// For `init(source:)` of the host's context.
    public convenience init(source: ApplicationRequestContextSource) {
        self.init(peer: source.channel.remoteAddress?.ipAddress)
    }
}
