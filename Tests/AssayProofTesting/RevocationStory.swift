import AssayMessages

/// Records with revocations, all of whose statements are signed by the right keys: only what they say together is true or not.
public enum RevocationStory: CaseIterable, Sendable {
  // What holds.
  case byPerson, byRule, afterTheReport, auditThatFoundNothing, descendantOfBrokenRule, newTaskAfterAudit
  // What contradicts itself.
  case twice, ofTheBaseline, ofAFailure, ofNothing, ofAnotherVerdict, ofAnotherRun
  case byNoAudit, byAnAuditThatDidNotFindIt, foundAndNotRevoked, olderRules, oldTaskAfterAudit
  case reportOfARevokedTrial, reportOfABarredTrial, verdictAfterTheReport, secondReport

  public var holds: Bool {
    switch self {
    case .byPerson, .byRule, .afterTheReport, .auditThatFoundNothing, .descendantOfBrokenRule,
      .newTaskAfterAudit:
      true
    default: false
    }
  }

  /// Trials 0 to 8: 1 and 8 were kept, 2 was discarded, 5 crashed, each edited from the one before.
  public func record() throws -> SyntheticRecord {
    var record = try SyntheticRecord(trials: 9, report: false)
    let policy = record.policyDigest
    switch self {
    case .byPerson:
      try record.add(revocationOf: 8)
      try record.add(report: 1)
    case .byRule:
      let audit = try record.add(audit: [2, 8])
      try record.add(revocationOf: 2, audit: audit)
      try record.add(revocationOf: 8, audit: audit)
    case .afterTheReport:
      try record.add(report: 8)
      try record.add(revocationOf: 8)
      try record.add(revocationOf: 1, audit: try record.add(audit: [1]))
    case .auditThatFoundNothing: try record.add(audit: [])
    case .descendantOfBrokenRule:
      try record.add(revocationOf: 1, audit: try record.add(audit: [1]))
      try record.add(report: 8)
    case .newTaskAfterAudit, .oldTaskAfterAudit:
      let task = String(repeating: "1", count: 64)
      try record.add(audit: [], task: task)
      try record.add(
        9, label: .discard, policy: policy, task: self == .newTaskAfterAudit ? task : SyntheticRecord.task)
    case .twice:
      try record.add(revocationOf: 8)
      try record.add(revocationOf: 8)
    case .ofTheBaseline: try record.add(revocationOf: 0)
    case .ofAFailure: try record.add(revocationOf: 5)
    case .ofNothing: try record.add(revocationOf: 12)
    case .ofAnotherVerdict: try record.add(revocationOf: 8, verdict: SyntheticRecord.task)
    case .ofAnotherRun: try record.add(revocationOf: 8, run: "other")
    case .byNoAudit: try record.add(revocationOf: 8, audit: SyntheticRecord.task)
    case .byAnAuditThatDidNotFindIt:
      let audit = try record.add(audit: [2])
      try record.add(revocationOf: 2, audit: audit)
      try record.add(revocationOf: 8, audit: audit)
    case .foundAndNotRevoked: try record.add(audit: [8])
    case .olderRules:
      try record.add(audit: [], version: 3)
      try record.add(audit: [], version: 2)
    case .reportOfARevokedTrial:
      try record.add(revocationOf: 8)
      try record.add(report: 8)
    case .reportOfABarredTrial:
      try record.add(revocationOf: 1)
      try record.add(report: 8)
    case .verdictAfterTheReport:
      try record.add(report: 8)
      try record.add(revocationOf: 8)
      try record.add(9, label: .discard, policy: policy)
    case .secondReport:
      try record.add(report: 8)
      try record.add(revocationOf: 8)
      try record.add(report: 1)
    }
    return record
  }
}
