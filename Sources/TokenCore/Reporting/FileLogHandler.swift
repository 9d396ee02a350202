/// The log file: one line per event, appended in one write, so that several processes and logrotate can
/// share it. Opened anew by every run; no signal is needed after a rotation.

internal import FoundationEssentials
internal import Glibc
public import Logging

public struct FileLogHandler: LogHandler {
    private let file: FileDescriptor
    private let writesJSON: Bool
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]

    /// - Throws: ``SystemError`` when the file can't be opened for appending.
    public init(path: String, json: Bool, level: Logger.Level) throws(SystemError) {
        let isNew = !FilePaths.exists(path)
        file = try FileDescriptor(path: path, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
        // The umask took the group's right to read, which logs are shared by.
        if isNew { fchmod(file.number, 0o640) }
        writesJSON = json
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let fields = LogText.fields(metadata, event.metadata)
        let message = event.message.description
        let line =
            writesJSON
            ? jsonLine(event.level, message, fields) : textLine(event.level, message, fields)
        // A full disk must not stop a pass over its log.
        try? file.write(Array("\(line)\n".utf8))
    }

    private func jsonLine(
        _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        JSON.members(
            [
                ("time", .time(Date())), ("level", .string(level.rawValue)),
                ("msg", .string(message)),
            ]
                + fields.map { ($0.0, .string($0.1)) }
        ).line
    }

    private func textLine(
        _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        "\(Date().rfc3339) \(level.rawValue) \(LogText.line(message, fields))"
    }
}
