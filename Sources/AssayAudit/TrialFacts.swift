public import AssayTrajectory

/// What an audit needs of a trial, without its texts, so that a run of a million trials fits in memory.
public struct TrialFacts: Sendable, Equatable {
  public var position: Int
  public var id: String
  public var parent: Int?
  public var specialist: String
  public var domain: String
  public var label: String
  public var outcome: TrialOutcome
  public var score: Double?
  public var delta: Double?
  public var expectedDelta: Double?
  public var trainSeconds: Double?
  public var totalSeconds: Double?
  public var artifactBytes: Double?
  /// A second measurement of the same model that is not the score, such as `val_bpb` where the score is another metric.
  public var secondary: Double?
  /// Mean over seeds that a gate looks at, its standard deviation and the number of seeds.
  public var gate: (mean: Double, deviation: Double, seeds: Double)?
  /// Half-width of the noise band by which the trial was judged, where the record has one.
  public var noise: Double?
  /// Ids that hypothesis and notes name.
  public var cited: [String]
  /// Equal for trials of the same code; nil where the record does not say.
  public var code: String?
  /// Equal for trials with the same hypothesis.
  public var hypothesisHash: Int
  public var flags: [FlagKind]
  public var cpuSeconds: Double?
  /// Which views of the lineage the proposal was made from; nil where the record does not say.
  public var views: ViewsAnswered?

  public static func == (a: TrialFacts, b: TrialFacts) -> Bool {
    a.position == b.position && a.id == b.id && a.label == b.label && a.score == b.score
  }

  public init(_ trial: RecordedTrial, scoreName: String = "") {
    position = trial.position
    id = trial.id
    parent = trial.parent.position
    specialist = trial.specialist
    domain = trial.domain
    label = trial.label
    outcome = trial.outcome
    score = trial.score.value
    delta = trial.delta.value
    expectedDelta = trial.expectedDelta.value
    trainSeconds = trial.trainSeconds.value
    totalSeconds = trial.totalSeconds.value
    artifactBytes = trial.artifactBytes.value
    func number(_ name: String) -> Double? { trial.extra[name].flatMap(Reading.number) }
    secondary = number("val_bpb") ?? number("val_loss")
    if let mean = number("accuracy"), let deviation = number("acc_std"), let seeds = number("n_seeds"),
      seeds >= 2
    {
      gate = (mean, deviation, seeds)
    }
    noise = number("noise")
    code = trial.extra["meaning"] ?? trial.extra["snapshot"]
    cited = Citations.ids(in: trial.hypothesis, and: trial.notes, except: trial.id)
    var hasher = Hasher()
    hasher.combine(trial.hypothesis)
    hypothesisHash = trial.hypothesis.isEmpty ? 0 : hasher.finalize()
    flags = trial.flags.map(\.kind)
    cpuSeconds = number("cpu_seconds")
    views = trial.views
  }

  /// Whether it counts as a trial of a recipe: not the baseline, not our own failure, and ended.
  public var isTrial: Bool {
    switch outcome {
    case .kept, .discarded, .failed, .revoked, .unreadable: true
    case .baseline, .infrastructure, .inFlight: false
    }
  }
}
