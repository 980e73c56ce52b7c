import AssayMessages

/// When a run takes no more submissions. Pure: the record and the clock in, a reason out.
struct StopRules: Sendable, Hashable {
  /// The bound of the whole run; its trials are bounded by the number that the run was opened with.
  var bound = Amount()
  /// Milliseconds; 0 for none.
  var wall: Int64 = 0
  var patienceTrials: UInt32 = 0
  var patience: Int64 = 0
  var target: Double?
  var minimize = true

  enum Reason: String, Sendable, Hashable {
    case deadline, budget, patience, target
    /// `CloseRun`.
    case `operator`
  }

  /// What the rules look at, all of it in the run's record.
  struct Progress: Sendable, Hashable {
    var account = Account()
    /// Nobody who works in the run may submit again.
    var everybodyIsExhausted = false
    /// When the run was opened and when it last got better, on the evaluator's clock, moved by the pauses since.
    var beganAt: Int64 = 0
    var improvedAt: Int64 = 0
    var trialsSinceImprovement: UInt32 = 0
    /// Nil while nothing was kept.
    var kept: Double?
    var isPaused = false
  }

  func reason(_ progress: Progress, now: Int64) -> Reason? {
    if let target, let kept = progress.kept, minimize ? kept <= target : kept >= target { return .target }
    if progress.account.isExhausted(bound) || progress.everybodyIsExhausted { return .budget }
    if patienceTrials > 0, progress.trialsSinceImprovement >= patienceTrials { return .patience }
    // The clock stands while the run is paused.
    guard !progress.isPaused else { return nil }
    if wall > 0, now >= deadline(progress) { return .deadline }
    if patience > 0, now >= progress.improvedAt.adding(patience) { return .patience }
    return nil
  }

  func deadline(_ progress: Progress) -> Int64 { progress.beganAt.adding(wall) }

  /// When the clock alone may stop the run.
  func nextDue(_ progress: Progress) -> Int64? {
    guard !progress.isPaused else { return nil }
    return [wall > 0 ? deadline(progress) : nil, patience > 0 ? progress.improvedAt.adding(patience) : nil]
      .compactMap(\.self).min()
  }

  /// For people, after "the run stops: ".
  func words(_ reason: Reason) -> String {
    switch reason {
    case .deadline: "its time is up"
    case .budget: "its budget is spent"
    case .patience: "nothing better was found for as long as it was to look"
    case .target: "its target is reached"
    case .operator: "it was told to"
    }
  }
}

extension Int64 {
  fileprivate func adding(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

extension StopRules {
  init(_ bounds: EvaluatorV1.RunBounds?, minimize: Bool) {
    self.minimize = minimize
    guard let bounds else { return }
    bound = Amount(bounds.run)
    bound.trials = 0
    wall = Int64(clamping: bounds.wallMs)
    patienceTrials = bounds.patienceTrials
    patience = Int64(clamping: bounds.patienceMs)
    target = Double(bounds.target)
  }
}
