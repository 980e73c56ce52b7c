import AssayPatch

/// What a specialist is asked to improve and within which bounds.
public struct TaskKnowledge: Sendable, Hashable {
  /// The score, which way is better and how much it wobbles.
  public struct Metric: Sendable, Hashable {
    public var name: String
    public var unit: String
    public var lowerIsBetter: Bool
    /// Smallest difference that matters.
    public var smallestEffect: Double
    /// Standard deviation of one trial's score; 0 when it is not known.
    public var noise: Double
    /// Improvement over the incumbent that a keep needs; 0 when it is not known.
    public var keepMargin: Double

    public init(
      name: String, unit: String = "", lowerIsBetter: Bool = true, smallestEffect: Double = 0,
      noise: Double = 0,
      keepMargin: Double = 0
    ) {
      self.name = name
      self.unit = unit
      self.lowerIsBetter = lowerIsBetter
      self.smallestEffect = smallestEffect
      self.noise = noise
      self.keepMargin = keepMargin
    }

    /// How much better `new` is than `old`, in the metric's unit; negative where it is worse.
    public func gain(from old: Double, to new: Double) -> Double { lowerIsBetter ? old - new : new - old }

    /// Whether the score is a time, so that less work is better.
    var measuresTime: Bool {
      let words = (name + " " + unit).lowercased()
      return lowerIsBetter && ["second", "time", "latency", "duration"].contains { words.contains($0) }
    }

    /// The unit in which gains are weighed: the noise, or what stands in for it.
    public var scale: Double { max(noise, keepMargin / 2, smallestEffect, 1e-9) }
  }

  /// Bounds of the phases; 0 means none.
  public struct Caps: Sendable, Hashable {
    public var artifactBytes: Double
    public var trainSeconds: Double
    public var predictSeconds: Double
    public var recipeBytes: Int

    public init(
      artifactBytes: Double = 0, trainSeconds: Double = 0, predictSeconds: Double = 0, recipeBytes: Int = 0
    ) {
      self.artifactBytes = artifactBytes
      self.trainSeconds = trainSeconds
      self.predictSeconds = predictSeconds
      self.recipeBytes = recipeBytes
    }
  }

  public var name: String
  public var metric: Metric
  public var caps: Caps
  /// What this specialist may edit.
  public var scope: EditScope
  /// The recipe that the search starts from; trial 0.
  public var baseline: RecipeTree

  public init(name: String, metric: Metric, caps: Caps, scope: EditScope, baseline: RecipeTree) {
    self.name = name
    self.metric = metric
    self.caps = caps
    self.scope = scope
    self.baseline = baseline
  }
}

/// How a trial ended.
public enum TrialOutcome: String, Sendable, Hashable, CaseIterable {
  case baseline, keep, discard, crash
  case preflightCrash = "preflight_crash"
  case sizeBlocked = "size_blocked"
  case trainBudgetOverrun = "train_budget_overrun"
  case evalBudgetOverrun = "eval_budget_overrun"
  case disqualified, illegal
  case harnessAbort = "harness_abort"

  /// Whether the recipe failed; our own failures are not charged to it.
  public var isFailure: Bool {
    switch self {
    case .baseline, .keep, .discard, .harnessAbort: false
    default: true
    }
  }
}

/// A trial as the lineage tells of it.
public struct TrialKnowledge: Sendable, Hashable {
  /// What was measured from outside, and the bounds in force. 0 means not measured.
  public struct Usage: Sendable, Hashable {
    public var artifactBytes: Double
    public var artifactLimit: Double
    public var trainSeconds: Double
    public var trainLimit: Double
    public var predictSeconds: Double
    public var predictLimit: Double

    public init(
      artifactBytes: Double = 0, artifactLimit: Double = 0, trainSeconds: Double = 0, trainLimit: Double = 0,
      predictSeconds: Double = 0, predictLimit: Double = 0
    ) {
      self.artifactBytes = artifactBytes
      self.artifactLimit = artifactLimit
      self.trainSeconds = trainSeconds
      self.trainLimit = trainLimit
      self.predictSeconds = predictSeconds
      self.predictLimit = predictLimit
    }
  }

  public var number: Int
  public var specialist: String
  public var parent: Int
  /// Nil while the trial is in flight.
  public var outcome: TrialOutcome?
  public var score: Double?
  /// The recipe that ran; nil when the edit did not apply or the snapshot is not at hand.
  public var recipe: RecipeTree?
  public var hypothesis: String
  public var motive: String
  public var usage: Usage
  public var reason: String
  /// Cleaned end of the recipe's own output: untrusted text.
  public var log: String

  public init(
    number: Int, specialist: String, parent: Int, outcome: TrialOutcome?, score: Double? = nil,
    recipe: RecipeTree? = nil, hypothesis: String = "", motive: String = "", usage: Usage = Usage(),
    reason: String = "", log: String = ""
  ) {
    self.number = number
    self.specialist = specialist
    self.parent = parent
    self.outcome = outcome
    self.score = score
    self.recipe = recipe
    self.hypothesis = hypothesis
    self.motive = motive
    self.usage = usage
    self.reason = reason
    self.log = log
  }
}

/// What the lineage tells: every trial seen so far, and which of them is the incumbent.
public struct LineageKnowledge: Sendable, Hashable {
  /// By number, ascending; in-flight ones included.
  public var trials: [TrialKnowledge]
  public var incumbent: Int

  public init(trials: [TrialKnowledge], incumbent: Int) {
    self.trials = trials.sorted { $0.number < $1.number }
    self.incumbent = incumbent
  }
}

/// Everything a proposal is made from.
public struct ResearchState: Sendable, Hashable {
  public var task: TaskKnowledge
  public var specialist: String
  /// How many proposals this specialist has made in the run.
  public var iteration: Int
  /// Nil in a run without lineage: then nothing of it can be used, by construction.
  public var lineage: LineageKnowledge?
  /// Recipes that this process itself has proposed already.
  public var proposed: [RecipeTree]

  public init(
    task: TaskKnowledge, specialist: String, iteration: Int, lineage: LineageKnowledge?,
    proposed: [RecipeTree] = []
  ) {
    self.task = task
    self.specialist = specialist
    self.iteration = iteration
    self.lineage = lineage
    self.proposed = proposed
  }
}

/// An edit that a proposer suggests.
public struct RecipeProposal: Sendable, Hashable {
  /// The trial whose recipe was edited.
  public var parent: Int
  public var recipe: RecipeTree
  /// A sentence or two that a person understands.
  public var hypothesis: String
  /// Predicted change of the score, in the metric's unit and sign.
  public var expectedDelta: Double
  /// How it came about, for example `mutate.optimizer` or `repair.size`.
  public var motive: String
  /// What the choice was based on.
  public var notes: String

  public init(
    parent: Int, recipe: RecipeTree, hypothesis: String, expectedDelta: Double, motive: String,
    notes: String = ""
  ) {
    self.parent = parent
    self.recipe = recipe
    self.hypothesis = hypothesis
    self.expectedDelta = expectedDelta
    self.motive = motive
    self.notes = notes
  }
}
