public import AssayIdentity
import Foundation

/// What an evaluator binds itself to before it accepts the first trial of a run: a signed in-toto statement, the first entry
/// of the run's log. Every verdict names its digest.
public struct PolicyStatement: Codable, Sendable, Hashable {
  public static let predicateType = "https://assay.dev/evaluation-policy/v1"

  public struct Metric: Codable, Sendable, Hashable {
    public var name, direction, unit, source: String
    /// Decimal string: differences below it matter to nobody.
    public var smallestEffect: String

    public init(name: String, direction: String, unit: String, source: String, smallestEffect: String) {
      self.name = name
      self.direction = direction
      self.unit = unit
      self.source = source
      self.smallestEffect = smallestEffect
    }
  }

  public struct Seeds: Codable, Sendable, Hashable {
    public var perTrial, baseline, final: Int
    /// Fresh seeds for a trial beside the incumbent; nil where trials are kept unconfirmed.
    public var confirm: Int?
    /// SHA-256 of the secret from which all seeds of the run follow: they cannot be chosen later.
    public var commitment: String

    public init(perTrial: Int, baseline: Int, final: Int, confirm: Int? = nil, commitment: String) {
      self.confirm = confirm
      self.perTrial = perTrial
      self.baseline = baseline
      self.final = final
      self.commitment = commitment
    }
  }

  /// Who may submit what in the run, and what agents are shown.
  public struct Arm: Codable, Sendable, Hashable {
    public var name: String
    /// The partitions of each specialist.
    public var members: [String: [String]]
    public var analysts: [String]
    public var lineage, knowledge: Bool

    public init(
      name: String, members: [String: [String]], analysts: [String], lineage: Bool, knowledge: Bool
    ) {
      self.name = name
      self.members = members
      self.analysts = analysts
      self.lineage = lineage
      self.knowledge = knowledge
    }
  }

  public var run: String
  public var task: String
  /// SHA-256 of the task folder without its data.
  public var taskDigest: String
  public var metric: Metric
  /// As the task's author wrote them, such as "accuracy at least 0.93".
  public var gates: [String]
  /// The rule by which a gate is met; nil where there is none.
  public var gateRule: String?
  /// What every trial has to keep to, such as "train_cpu_seconds 10 within 5 %", and the rule by which it does; nil where nothing is fixed.
  public var fixedCompute: [String]?
  /// The rule by which a trial that is nearly certain to break a cap is refused without being run, and how certain, as a decimal
  /// string; nil where none is.
  public var predictionRule, predictionConfidence: String?
  public var computeRule: String?
  /// What counts as the time of training; nil where no metric and no fixed cost is a time.
  public var timeRule: String?
  /// Ids of the static rules, and the version of all of the task's rules.
  public var rules: [String]
  public var rulesVersion: Int
  public var seeds: Seeds
  /// The rule by which a trial replaces the incumbent, and its one-sided confidence as a decimal string.
  public var keepRule, keepConfidence: String
  /// The rule by which a trial is confirmed beside the incumbent, and the chance, as a decimal string, that one incumbent is ever
  /// replaced by recipes that are no better; nil where there is none.
  public var confirmationRule, confirmationErrorRate: String?
  public var evaluatorVersion: String
  /// What a verdict of this run does not say.
  public var nonClaims: [String]
  /// Nil where each partition of the task has its specialist.
  public var arm: Arm?

  public init(
    run: String, task: String, taskDigest: String, metric: Metric, gates: [String], rules: [String],
    rulesVersion: Int, seeds: Seeds,
    keepRule: String, keepConfidence: String, confirmationRule: String? = nil,
    confirmationErrorRate: String? = nil, evaluatorVersion: String, nonClaims: [String], arm: Arm? = nil
  ) {
    self.run = run
    self.task = task
    self.taskDigest = taskDigest
    self.metric = metric
    self.gates = gates
    self.rules = rules
    self.rulesVersion = rulesVersion
    self.seeds = seeds
    self.keepRule = keepRule
    self.keepConfidence = keepConfidence
    self.confirmationRule = confirmationRule
    self.confirmationErrorRate = confirmationErrorRate
    self.evaluatorVersion = evaluatorVersion
    self.nonClaims = nonClaims
    self.arm = arm
  }

  /// Signed, as JSON bytes of a DSSE envelope.
  public func signed(with key: IdentityKey) throws -> [UInt8] {
    try StatementJSON.signed(
      Self.predicateType, subject: [.init(name: "task", digest: ["sha256": taskDigest])], predicate: self,
      with: key)
  }

  /// Verifies an envelope and only then parses it.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no policy.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError) -> PolicyStatement
  {
    try StatementJSON.verified(envelope, Self.predicateType, by: key)
  }
}
