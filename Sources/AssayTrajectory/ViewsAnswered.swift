/// Views of the lineage that an agent was answered with before a trial, as the lineage service counted them.
public struct ViewsAnswered: Codable, Sendable, Equatable {
  public struct Count: Codable, Sendable, Equatable {
    public var requests: UInt64
    /// Of the answers.
    public var bytes: UInt64

    public init(requests: UInt64, bytes: UInt64) {
      self.requests = requests
      self.bytes = bytes
    }
  }

  /// By view.
  public var counts: [String: Count]
  /// Whether all of them are known.
  public var isWhole: Bool

  public init(counts: [String: Count], isWhole: Bool) {
    self.counts = counts
    self.isWhole = isWhole
  }

  private enum CodingKeys: String, CodingKey {
    case counts
    case isWhole = "whole"
  }
}
