import AssayMessages

/// The bounds of a run as people write them.
public struct RunBudget: Sendable, Hashable {
  public var maxTime: Duration?
  /// Trials, or time, without an improvement.
  public var patienceTrials: UInt32 = 0
  public var patience: Duration?
  /// A score that is good enough, a decimal.
  public var target: String?
  public var run = BudgetText()
  public var specialists: [(name: String, BudgetText)] = []
  public var session = BudgetText()

  public init() {}

  public static func == (one: RunBudget, other: RunBudget) -> Bool { one.wire == other.wire }
  public func hash(into hasher: inout Hasher) { hasher.combine(wire) }

  /// Nil when nothing is bounded: the evaluator then leaves the bounds of a known run as they are.
  var wire: EvaluatorV1.RunBounds? {
    var bounds = EvaluatorV1.RunBounds()
    bounds.wallMs = maxTime.map(Self.milliseconds) ?? 0
    bounds.patienceTrials = patienceTrials
    bounds.patienceMs = patience.map(Self.milliseconds) ?? 0
    bounds.target = target ?? ""
    if run != BudgetText() { bounds.run = run.wire }
    if session != BudgetText() { bounds.session = session.wire }
    bounds.specialists = specialists.map { name, budget in
      var bound = EvaluatorV1.SpecialistBound()
      bound.specialist = name
      bound.bound = budget.wire
      return bound
    }
    return bounds == EvaluatorV1.RunBounds() ? nil : bounds
  }

  private static func milliseconds(_ duration: Duration) -> UInt64 {
    let parts = duration.components
    return UInt64(clamping: parts.seconds) * 1000
      + UInt64(clamping: parts.attoseconds / 1_000_000_000_000_000)
  }

  /// Reads what `--no-improvement` takes: a number of trials, or a time with its unit.
  public mutating func setPatience(_ text: String) -> Bool {
    if let trials = UInt32(text), trials > 0 {
      patienceTrials = trials
      return true
    }
    patience = DurationText.parse(text)
    return patience != nil
  }

  /// Reads `opt:trials=10,cpu=1h`, or the same without a name, for each specialist.
  public mutating func addSpecialist(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let last = parts.last, let budget = BudgetText(last) else { return false }
    specialists.append((parts.count == 2 ? parts[0] : "", budget))
    return true
  }
}

/// An amount as people write it: `trials=10,cpu=2h,tokens=2M,dollars=5`.
public struct BudgetText: Hashable, Sendable {
  public var trials: UInt32 = 0
  public var cpuMilliseconds: UInt64 = 0
  public var gpuMilliseconds: UInt64 = 0
  public var tokens: UInt64 = 0
  public var nanodollars: UInt64 = 0

  public init() {}

  /// Nil for what is no such text.
  public init?(_ text: String) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1).map {
        $0.trimmingPrefix(while: \.isWhitespace)
      }
      guard pair.count == 2 else { return nil }
      let value = String(pair[1])
      switch pair[0] {
      case "trials":
        guard let count = UInt32(value), count > 0 else { return nil }
        trials = count
      case "cpu", "gpu":
        guard let time = DurationText.parse(value) else { return nil }
        let milliseconds = UInt64(clamping: time.components.seconds) * 1000
        if pair[0] == "cpu" { cpuMilliseconds = milliseconds } else { gpuMilliseconds = milliseconds }
      case "tokens":
        guard let count = Self.count(value) else { return nil }
        tokens = count
      case "dollars":
        guard let dollars = Double(value), dollars > 0, dollars < 1e9 else { return nil }
        nanodollars = UInt64((dollars * 1e9).rounded())
      default: return nil
      }
    }
    guard self != BudgetText() else { return nil }
  }

  /// `250000`, `250k`, `2M`, `1.5M`.
  private static func count(_ text: String) -> UInt64? {
    let scales: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9]
    let scale = text.last.flatMap { scales[$0] }
    guard let number = Double(scale == nil ? text : String(text.dropLast())) else { return nil }
    let value = number * (scale ?? 1)
    return value >= 1 && value < 1e15 ? UInt64(value.rounded()) : nil
  }

  var wire: EvaluatorV1.Spend {
    var spend = EvaluatorV1.Spend()
    spend.trials = trials
    spend.cpuMs = cpuMilliseconds
    spend.gpuMs = gpuMilliseconds
    spend.tokens = tokens
    spend.nanodollars = nanodollars
    return spend
  }
}
