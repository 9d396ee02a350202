/// Lines for the system's log, which adds time and process id by itself.

internal import Logging

struct SystemLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = LogText.fields(metadata, event.metadata)
        SystemLog.notice(
            LogText.line(event.message.description, fields), program: "teams-token")
    }
}
