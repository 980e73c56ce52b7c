/// What is known about a run from outside its record.
public struct AuditOptions: Sendable {
  /// Difference of two measurements that is within the noise; nil to derive it from the record.
  public var noiseBand: Double?
  /// Limit of the gate on the mean over seeds; nil to derive it.
  public var gateLimit: Double?
  /// Published figures and facts.
  public var published: PublishedClaims

  public init(noiseBand: Double? = nil, gateLimit: Double? = nil, published: PublishedClaims = .none) {
    self.noiseBand = noiseBand
    self.gateLimit = gateLimit
    self.published = published
  }
}
