/// A failure of the sandbox itself, never of what ran in it; the message says the remedy.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure, open for new members.
  public struct Code: Hashable, Sendable {
    let name: String
    /// This host cannot isolate untrusted code.
    public static let isolationUnavailable = Code(name: "isolation unavailable")
    /// A command that makes no sense: no program, a path that is not absolute.
    public static let invalidCommand = Code(name: "invalid command")
    /// The launcher, a cgroup or a file failed.
    public static let infrastructure = Code(name: "infrastructure")
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
