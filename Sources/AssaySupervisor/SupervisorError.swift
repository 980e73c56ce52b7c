/// What went wrong while starting, following or reading a run; the message says the remedy.
public struct SupervisorError: Error, CustomStringConvertible, Sendable {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// The arguments make no sense together or name something that is not there.
    public static let usage = Code(name: "usage")
    /// A task folder has mistakes.
    public static let invalidTask = Code(name: "invalid task")
    /// The state folder belongs to another process, version or task.
    public static let stateConflict = Code(name: "state conflict")
    /// A service or a system requirement is not available.
    public static let unavailable = Code(name: "unavailable")
    /// The outcome is known and negative: a run failed, a trial was not kept.
    public static let negative = Code(name: "negative")
    /// A signature or digest did not verify.
    public static let verificationFailed = Code(name: "verification failed")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// The exit status of the program for this error, as documented in `assay --help`.
  public var exitCode: Int32 {
    switch code {
    case .negative: 1
    case .usage, .invalidTask: 2
    case .verificationFailed: 4
    default: 3
    }
  }
}
