/// What the scorer says about one seed's predictions.
public struct Judgement: Codable, Hashable, Sendable {
  public struct Illegal: Codable, Hashable, Sendable {
    public var rule: String
    public var evidence: String

    public init(rule: String, evidence: String) {
      self.rule = rule
      self.evidence = evidence
    }
  }
  /// Decimal strings by metric.
  public var metrics: [String: String]
  public var illegal: Illegal?
  /// Why the predictions cannot be used.
  public var malformed: String?

  public init(metrics: [String: String], illegal: Illegal? = nil, malformed: String? = nil) {
    self.metrics = metrics
    self.illegal = illegal
    self.malformed = malformed
  }
}
