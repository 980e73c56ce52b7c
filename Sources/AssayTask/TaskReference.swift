import Foundation

/// A task and, where it has several, one of its profiles: `tasks/parameter-golf@smoke`.
public struct TaskReference: Sendable, Hashable, CustomStringConvertible {
  /// The task folder.
  public var directory: String
  /// Nil for a task without profiles.
  public var profile: String?

  public init(directory: String, profile: String?) {
    self.directory = directory
    self.profile = profile
  }

  /// Takes a text apart at the last '@' of its last part. A folder whose name has an '@' is taken as it is.
  public init(_ text: String) {
    directory = text
    guard !FileManager.default.fileExists(atPath: text + "/" + TaskReader.taskFile),
      let at = text.lastIndex(of: "@"), !text[at...].contains("/")
    else { return }
    directory = String(text[..<at])
    profile = String(text[text.index(after: at)...])
  }

  public var description: String { profile.map { "\(directory)@\($0)" } ?? directory }
}
