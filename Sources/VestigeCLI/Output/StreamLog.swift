import Logging

/// What a stream has to say, as this program says it: `error:` and `hint:` lines on stderr.
struct StreamLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let sink = event.metadata?["sink"].map { "\($0): " } ?? ""
        if event.level >= .warning { Output.error("\(sink)\(event.message)") } else { Output.hint("\(sink)\(event.message)") }
    }
}
