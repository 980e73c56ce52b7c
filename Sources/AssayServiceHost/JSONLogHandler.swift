import Foundation
import Logging

/// Logs as one JSON object a line, for programs that read them: time, level, logger, message, and the metadata by name.
struct JSONLogHandler: LogHandler {
  let label: String
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = (metadataProvider?.get() ?? [:]).merging(metadata) { $1 }
      .merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
    fields["time"] = Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
    fields["level"] = event.level.rawValue
    fields["logger"] = label
    fields["message"] = "\(event.message)"
    if let error = event.error { fields["error"] = "\(error)" }
    guard let line = try? Self.encoder.encode(fields) else { return }
    // One write a line: lines of several threads do not mix.
    FileHandle.standardError.write(line + [0x0a])
  }

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()
}
