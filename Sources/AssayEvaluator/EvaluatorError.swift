/// A failure of the evaluator itself; the message says the remedy.
public struct EvaluatorError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// A task or its prepared data cannot be used.
    public static let invalidTask = Code(name: "invalid task")
    /// The state folder holds something this program did not write.
    public static let damagedState = Code(name: "damaged state")
    /// A file could not be read or written.
    public static let inputOutput = Code(name: "input/output")
    /// Bytes that are not what their digest says.
    public static let wrongDigest = Code(name: "wrong digest")
    /// The scorer, which is ours, failed.
    public static let scorerFailed = Code(name: "scorer failed")
  }

  public let code: Code
  public let message: String
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
