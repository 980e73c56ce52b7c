/// A failure of the runner, never of a job; the message says what failed.
public struct RunnerError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// A job asks for what this runner does not have, or is malformed.
    public static let badJob = Code(name: "bad job")
    /// Files could not be fetched, stored or sent.
    public static let transfer = Code(name: "transfer")
    /// The lease is gone: somebody else may be running the job by now.
    public static let leaseLost = Code(name: "lease lost")
    /// GPUs of this host, or what they need, are not in order.
    public static let gpus = Code(name: "gpus")
    /// The GPUs that a job needs are not to be had now; the job goes back as it came.
    public static let gpusTaken = Code(name: "gpus taken")
    /// The configuration makes no sense.
    public static let configuration = Code(name: "configuration")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
