/// What several runs have together.
public struct AuditTotals: Codable, Sendable, Equatable {
  public var runs: [String]
  public var trials: Int
  public var realTrials: Int
  public var kept: Int
  public var infrastructure: Int
  public var nodeSeconds: Double
  public var byLabel: [String: Int]
  public var bySpecialist: [String: [String: Int]]

  public init(_ audits: [RunAudit]) {
    runs = audits.map(\.name)
    trials = audits.reduce(0) { $0 + $1.counts.trials }
    realTrials = audits.reduce(0) { $0 + $1.counts.realTrials }
    kept = audits.reduce(0) { $0 + $1.counts.kept }
    infrastructure = audits.reduce(0) { $0 + $1.counts.infrastructure }
    nodeSeconds = audits.reduce(0) { $0 + $1.cost.nodeSeconds }
    byLabel = [:]
    bySpecialist = [:]
    for audit in audits {
      byLabel.merge(audit.counts.byLabel, uniquingKeysWith: +)
      for (name, labels) in audit.counts.bySpecialist {
        bySpecialist[name, default: [:]].merge(labels, uniquingKeysWith: +)
      }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case runs, trials
    case realTrials = "real_trials"
    case kept, infrastructure
    case nodeSeconds = "node_seconds"
    case byLabel = "by_label"
    case bySpecialist = "by_specialist"
  }
}
