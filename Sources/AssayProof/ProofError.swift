/// Why a bundle is not believed.
public struct ProofError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, Hashable {
    /// A file of the bundle is missing, has no proper form, or does not belong there.
    case malformed
    /// A key is not the one that was asked for.
    case wrongKey = "wrong_key"
    /// A signature does not fit.
    case signature
    /// The statements are not those of the checkpoint.
    case log
    /// Statements contradict one another.
    case record
    /// A recipe, proposal or log is missing, or is not the one that was signed for.
    case object
  }
  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
