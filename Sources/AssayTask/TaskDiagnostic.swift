/// One mistake in a task folder: where it is, what is wrong, and what to write instead.
public struct TaskDiagnostic: Error, Sendable, Hashable, CustomStringConvertible {
  /// Whether the task can be used in spite of it.
  public enum Severity: String, Sendable, Hashable, Codable {
    case error, warning
  }

  public let severity: Severity
  /// The file, relative to the task folder.
  public let file: String
  /// The line, from 1, where it is known.
  public let line: Int?
  public let message: String
  /// What to do about it.
  public let remedy: String

  public init(severity: Severity = .error, file: String, line: Int? = nil, message: String, remedy: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.message = message
    self.remedy = remedy
  }

  /// One line: `task.yaml:12: error: message; remedy`.
  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(severity.rawValue): \(message); \(remedy)"
  }
}
