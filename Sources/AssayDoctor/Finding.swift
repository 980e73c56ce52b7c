/// What a check found, and what to do about it.
public struct Finding: Codable, Sendable, Hashable {
  public enum State: String, Codable, Sendable, CaseIterable {
    case ok
    /// Runs go on, with less than they could have.
    case warn
    /// Something does not work until it is mended.
    case fail
  }

  /// What was looked at, such as `sandbox` or `disk`; stable.
  public var check: String
  public var state: State
  public var detail: String
  /// What to do; empty when nothing is to be done.
  public var remedy: String

  public init(_ check: String, _ state: State, _ detail: String, remedy: String = "") {
    self.check = check
    self.state = state
    self.detail = detail
    self.remedy = remedy
  }
}
