import AssayMessages
import AssayTask
import AssayVerdict

/// Why a trial has no legal score.
struct TrialFailure: Codable, Hashable, Sendable {
  /// The label's word, such as `size_blocked`.
  var label: String
  /// One sentence that a person can act on.
  var reason: String
  /// Rule id of an illegal trial, metric of a missed gate; empty otherwise.
  var rule: String
  /// What shows that a rule is broken.
  var evidence: String?

  init(_ label: LineageV1.VerdictLabel, _ reason: String, rule: String = "", evidence: String? = nil) {
    self.label = label.word
    self.reason = reason
    self.rule = rule
    self.evidence = evidence
  }

  /// A static rule is broken.
  init(breaking rule: String, of rules: TaskFile.Rules, at evidence: String) {
    let why = rules.statics.first { $0.id == rule }?.why ?? ""
    self.init(.illegal, "rule '\(rule)' is broken at \(evidence): \(why)", rule: rule, evidence: evidence)
  }

  /// What an inspection by these rules says against a recipe; nil when it is clean.
  init?(_ inspection: Inspection, _ rules: TaskFile.Rules) {
    switch inspection {
    case .clean: return nil
    case .syntaxError(let message):
      self.init(.preflightCrash, "the edited recipe is not valid Python: \(message)")
    case .broken(let rule, let evidence): self.init(breaking: rule, of: rules, at: evidence)
    }
  }

  var wireLabel: LineageV1.VerdictLabel { LineageV1.VerdictLabel(word: label) ?? .harnessAbort }

  /// Writes label, reason and, for a broken rule, its version and what shows it.
  func fill(_ verdict: inout LineageV1.Verdict, rulesVersion: Int) {
    verdict.label = wireLabel
    verdict.reason = reason
    verdict.rule = rule
    guard wireLabel == .illegal else { return }
    verdict.ruleVersion = UInt32(clamping: rulesVersion)
    verdict.evidence = Bounded.text(evidence ?? "", 1900)
  }
}
