/// The outcome of one case.
public struct ConformanceResult: Sendable, Codable {
  public enum Status: String, Sendable, Codable {
    case passed, failed, skipped
    /// Failed, and listed as known to fail.
    case knownFailing = "known failing"
    /// Passed, and listed as known to fail: the list is out of date.
    case unexpectedlyPassed = "unexpectedly passed"
  }

  public let name: String
  public let purpose: String
  public let status: Status
  public let expected: String
  /// Empty for a case that passed.
  public let seen: String

  /// Whether the result is what the lists say.
  public var isExpected: Bool { [.passed, .skipped, .knownFailing].contains(status) }
}
