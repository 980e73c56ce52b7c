import AssayMessages

/// The way of one measurement from acceptance to its decision: pure, events in, actions out, and a value that is stored
/// in the same transaction as everything that an event changes.
///
/// Training of all seeds comes first; only then are held-out inputs drawn, and each seed and group of inputs is
/// predicted in a sandbox of its own. The first failure decides and cancels what is left. An event that does not fit
/// the stage is a duplicate or too late, and changes nothing.
struct TrialStateMachine: Codable, Hashable, Sendable {
  enum Stage: String, Codable, Sendable {
    case preflight, probing, training, inputs, predicting, judging, decided
  }

  /// A job for a runner.
  enum JobKey: Codable, Hashable, Sendable {
    case train(seed: Int)
    case predict(seed: Int, group: String)
    /// A short training, and a prediction from what it left, on inputs that were drawn for the baseline.
    case probe(seed: Int)
    case probePredict(seed: Int)

    /// Index of the seed.
    var seed: Int {
      switch self {
      case .train(let seed), .predict(let seed, _), .probe(let seed), .probePredict(let seed): seed
      }
    }
  }

  /// What is probed before training, and what came of it.
  struct Probes: Codable, Hashable, Sendable {
    /// Indices of seeds.
    var positions: [Int]
    var predicts: Bool
    var trained: [Int: JobReport] = [:]
    var predicted: [Int: JobReport] = [:]

    fileprivate func needsPrediction(_ position: Int) -> Bool {
      predicts && trained[position].map { $0.failure(in: .train) == nil } ?? false
    }

    fileprivate var isDone: Bool {
      positions.allSatisfy { trained[$0] != nil && (!needsPrediction($0) || predicted[$0] != nil) }
    }
  }

  /// Work that the evaluator does itself.
  enum Work: Codable, Hashable, Sendable {
    case preflight
    case inputs
    case judge(seed: Int)
  }

  enum Event: Sendable, Hashable {
    case preflightPassed
    case preflightFailed(TrialFailure)
    case jobEnded(JobKey, JobReport)
    /// Whether what was probed, and the run so far, make a failure nearly certain.
    case weighed(TrialFailure?)
    case inputsReady([InputGroup])
    case judged(seed: Int, Judgement)
    /// A try at our own work failed.
    case workFailed(String)
    /// A job failed for reasons of ours as often as is tried.
    case jobAbandoned(String)
    /// The trial ends here, whatever was measured of it.
    case ended(TrialFailure)
  }

  enum Decision: Codable, Hashable, Sendable {
    case measured(Measured)
    case failed(TrialFailure)
  }

  enum Action: Sendable, Hashable {
    case enqueue(JobKey)
    case work(Work)
    case cancelJobs
    /// Every probe has ended: answered by `weighed`, in the same transaction.
    case weigh
    case decide(Decision)
  }

  /// How often work of ours is tried.
  static let attempts = 5

  private(set) var stage: Stage
  let seeds: [UInt64]
  private(set) var trained: [JobReport?]
  private(set) var groups: [InputGroup] = []
  private(set) var predicted: [[String: JobReport]]
  private(set) var judged: [Judgement?]
  private(set) var failedAttempts = 0
  private(set) var decision: Decision?
  /// The index of the seed whose job or judgement failed; nil where none did, or where the failure was ours.
  private(set) var failedPosition: Int?
  /// Which try at the measurement this is, from 1, where an earlier one was given up; names its jobs.
  private(set) var attempt: Int?
  /// Nil where nothing is probed.
  private(set) var probes: Probes?

  /// A measurement that starts with preflight, or with training where there is nothing to check.
  init(seeds: [UInt64], preflight: Bool, attempt: Int = 0, probes: Probes? = nil) {
    self.seeds = seeds
    self.attempt = attempt > 0 ? attempt : nil
    self.probes = probes
    stage = preflight ? .preflight : probes == nil ? .training : .probing
    trained = Array(repeating: nil, count: seeds.count)
    predicted = Array(repeating: [:], count: seeds.count)
    judged = Array(repeating: nil, count: seeds.count)
  }

  /// What starts the measurement.
  var opening: [Action] {
    switch stage {
    case .preflight: [.work(.preflight)]
    case .probing: (probes?.positions ?? []).map { .enqueue(.probe(seed: $0)) }
    case .training: seeds.indices.map { .enqueue(.train(seed: $0)) }
    default: []
    }
  }

  /// The work of ours that the measurement waits for, for whoever takes it up after a restart.
  var pendingWork: Work? {
    switch stage {
    case .preflight: .preflight
    case .inputs: .inputs
    case .judging: judged.firstIndex { $0 == nil }.map { .judge(seed: $0) }
    case .probing, .training, .predicting, .decided: nil
    }
  }

  mutating func apply(_ event: Event) -> [Action] {
    switch (stage, event) {
    case (.decided, _): return []
    case (.probing, .jobAbandoned):
      // A probe that we could not run tells nothing.
      return [.cancelJobs] + train()
    case (_, .jobAbandoned(let reason)):
      return fail(TrialFailure(.harnessAbort, reason))
    case (_, .ended(let failure)):
      return fail(failure)
    case (.preflight, .workFailed(let reason)), (.inputs, .workFailed(let reason)),
      (.judging, .workFailed(let reason)):
      failedAttempts += 1
      guard failedAttempts >= Self.attempts else { return pendingWork.map { [.work($0)] } ?? [] }
      return fail(
        TrialFailure(
          .harnessAbort,
          "the evaluator failed \(failedAttempts) times: \(reason.prefix(1000)). The trial is not charged; tell the operator."
        ))
    case (.preflight, .preflightPassed):
      failedAttempts = 0
      guard probes != nil else { return train() }
      stage = .probing
      return opening
    case (.probing, .jobEnded(.probe(let seed), let report)):
      return probed(seed, report)
    case (.probing, .jobEnded(.probePredict(let seed), let report)):
      guard let probes, probes.needsPrediction(seed), probes.predicted[seed] == nil else { return [] }
      self.probes?.predicted[seed] = report
      return self.probes?.isDone == true ? [.weigh] : []
    case (.probing, .weighed(let failure)):
      guard probes?.isDone == true else { return [] }
      guard let failure else { return train() }
      return fail(failure)
    case (.preflight, .preflightFailed(let failure)):
      return fail(failure)
    case (.training, .jobEnded(.train(let seed), let report)):
      return train(seed, report)
    case (.inputs, .inputsReady(let ready)):
      return predict(ready)
    case (.predicting, .jobEnded(.predict(let seed, let group), let report)):
      return predicted(seed, group, report)
    case (.judging, .judged(let seed, let judgement)):
      return judge(seed, judgement)
    default: return []
    }
  }

  private mutating func train() -> [Action] {
    stage = .training
    return opening
  }

  private mutating func probed(_ seed: Int, _ report: JobReport) -> [Action] {
    guard let before = probes, before.positions.contains(seed), before.trained[seed] == nil else { return [] }
    probes?.trained[seed] = report
    if probes?.needsPrediction(seed) == true { return [.enqueue(.probePredict(seed: seed))] }
    return probes?.isDone == true ? [.weigh] : []
  }

  private mutating func train(_ seed: Int, _ report: JobReport) -> [Action] {
    guard trained.indices.contains(seed), trained[seed] == nil else { return [] }
    trained[seed] = report
    if let failure = report.failure(in: .train) { return fail(failure, at: seed) }
    guard trained.allSatisfy({ $0 != nil }) else { return [] }
    stage = .inputs
    return [.work(.inputs)]
  }

  private mutating func predict(_ ready: [InputGroup]) -> [Action] {
    guard !ready.isEmpty else {
      return fail(
        TrialFailure(.harnessAbort, "the scorer wrote no inputs to predict; the task's scorer needs repair"))
    }
    failedAttempts = 0
    groups = ready
    stage = .predicting
    return seeds.indices.flatMap { seed in ready.map { .enqueue(.predict(seed: seed, group: $0.name)) } }
  }

  private mutating func predicted(_ seed: Int, _ group: String, _ report: JobReport) -> [Action] {
    guard predicted.indices.contains(seed), groups.contains(where: { $0.name == group }),
      predicted[seed][group] == nil
    else { return [] }
    predicted[seed][group] = report
    if let failure = report.failure(in: .predict) { return fail(failure, at: seed) }
    guard predicted.allSatisfy({ $0.count == groups.count }) else { return [] }
    stage = .judging
    return [.work(.judge(seed: 0))]
  }

  private mutating func judge(_ seed: Int, _ judgement: Judgement) -> [Action] {
    guard judged.indices.contains(seed), judged[seed] == nil else { return [] }
    failedAttempts = 0
    judged[seed] = judgement
    if let illegal = judgement.illegal {
      return fail(
        TrialFailure(
          .illegal, "rule '\(illegal.rule)' is broken: \(illegal.evidence)", rule: illegal.rule,
          evidence: illegal.evidence), at: seed)
    }
    if let malformed = judgement.malformed {
      return fail(TrialFailure(.crash, "the predictions cannot be used: \(malformed)"), at: seed)
    }
    if let next = judged.firstIndex(where: { $0 == nil }) { return [.work(.judge(seed: next))] }
    stage = .decided
    let reports = trained.compactMap(\.self)
    let measured = Measured(
      metrics: judged.compactMap { $0?.metrics }, cpuSeconds: reports.map { Double($0.cpuNanoseconds) / 1e9 },
      wallSeconds: reports.map { Double($0.wallNanoseconds) / 1e9 }, memoryBytes: reports.map(\.memoryBytes),
      predictCPUSeconds: predicted.map { Double($0.values.map(\.cpuNanoseconds).max() ?? 0) / 1e9 },
      predictWallSeconds: predicted.map { Double($0.values.map(\.wallNanoseconds).max() ?? 0) / 1e9 })
    decision = .measured(measured)
    return [.decide(.measured(measured))]
  }

  private mutating func fail(_ failure: TrialFailure, at position: Int? = nil) -> [Action] {
    stage = .decided
    failedPosition = position
    decision = .failed(failure)
    return [.cancelJobs, .decide(.failed(failure))]
  }
}
