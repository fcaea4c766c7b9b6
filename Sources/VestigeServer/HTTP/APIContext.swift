import Hummingbird

/// What the service knows of a request besides the request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of the other end of the connection, which is a proxy's where there is one.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
