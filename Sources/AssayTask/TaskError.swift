/// Why a task could not be loaded, written or prepared. The message says what to do.
public struct TaskError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is; stable, for programs.
  public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// The folder is not there, or cannot be read.
    public static let unreadable = Code(rawValue: "unreadable")
    /// The folder has mistakes; ``TaskError/diagnostics`` lists them.
    public static let invalid = Code(rawValue: "invalid")
    /// A file or folder is in the way.
    public static let exists = Code(rawValue: "exists")
    /// A file or folder cannot be written.
    public static let unwritable = Code(rawValue: "unwritable")
    /// A program that the task needs is not installed.
    public static let missingProgram = Code(rawValue: "missing_program")
    /// The Python environment cannot be built.
    public static let environmentFailed = Code(rawValue: "environment_failed")
    /// The data cannot be made.
    public static let dataFailed = Code(rawValue: "data_failed")
    /// The data on disk is not what was made.
    public static let dataChanged = Code(rawValue: "data_changed")
    /// The task has no profile of this name, or one has to be named.
    public static let unknownProfile = Code(rawValue: "unknown_profile")
    /// Files that the task is made of have to be fetched first.
    public static let notPrepared = Code(rawValue: "not_prepared")
    /// Upstream's files cannot be fetched.
    public static let upstreamFailed = Code(rawValue: "upstream_failed")
    /// What upstream gave is not what the task pins.
    public static let upstreamChanged = Code(rawValue: "upstream_changed")
    /// The work was cancelled.
    public static let cancelled = Code(rawValue: "cancelled")
  }

  public let code: Code
  public let message: String
  /// Every mistake, where `code` is `invalid`.
  public let diagnostics: [TaskDiagnostic]
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, diagnostics: [TaskDiagnostic] = [], cause: (any Error)? = nil)
  {
    self.code = code
    self.message = message
    self.diagnostics = diagnostics
    self.cause = cause
  }

  public var description: String {
    ([message] + diagnostics.map(\.description)).joined(separator: "\n")
  }
}
