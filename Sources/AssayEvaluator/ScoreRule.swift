import AssayMessages
import AssayStatistics
import AssayTask
import AssayVerdict

/// Turns what was measured into a score: from the scorer and the runner's clock, never from the recipe's words.
///
/// The time of training, as a metric or as a cost that is held equal, is training's and of prediction what it takes beyond a quarter more
/// than the baseline's: a recipe that only keeps its examples, and learns from them when it predicts, has gained nothing.
struct ScoreRule: Sendable {
  struct Score: Hashable, Sendable {
    var seeds: [Double]
    /// What a time has of prediction, in the mean over seeds.
    var secondsOfPrediction = 0.0
    var mean: Double { seeds.reduce(0, +) / Double(max(1, seeds.count)) }

    /// What has to be said where the score is more than the time of training; else empty.
    var note: String {
      secondsOfPrediction > 0
        ? "; \(Quantity.decimal(secondsOfPrediction)) s of its time are prediction beyond a quarter more than the baseline's"
        : ""
    }
  }

  enum Outcome: Hashable, Sendable {
    case score(Score)
    case failed(TrialFailure)
  }

  /// What a measurement is for decides what else is asked of it.
  enum Admission: Sendable {
    /// A trial: gates by their bounds, and the costs that are held equal.
    case trial
    /// A recipe that was admitted before, on fresh seeds for the final report: gates by the mean. Asking for the bound again would
    /// fail half of those that lie where the bound just holds, and the report is of what was measured, not of who may enter.
    case final
    /// The incumbent beside a challenger: it is there to be compared.
    case comparison
  }

  var metric: TaskFile.Metric
  var gates: [TaskFile.Gate]
  var compute: [TaskFile.FixedCompute] = []
  /// What was measured of the baseline, for the spread of gates; nil while it is the baseline that is judged.
  var baseline: Measured?
  var admission = Admission.trial

  /// In policies; another formula gets another name.
  static let name = "training-and-prediction-beyond-1.25-of-baseline/v1"

  /// How much longer than the baseline's a prediction may take before it counts as training.
  static let predictionAllowance = 1.25

  /// No task measures anything beyond this.
  static let largestValue = 1e11

  func outcome(_ measured: Measured) -> Outcome {
    let charged = charged(measured)
    if let failure = refusal(charged) { return .failed(failure) }
    let outcome = values(metric.name, charged)
    guard metric.source != .score, case .score(var score) = outcome else { return outcome }
    let training = metric.source == .trainCPUSeconds ? measured.cpuSeconds : measured.wallSeconds
    score.secondsOfPrediction = score.mean - Spread.mean(training)
    return .score(score)
  }

  /// With the time of training as it counts, seed by seed.
  private func charged(_ measured: Measured) -> Measured {
    func sum(_ training: [Double], _ prediction: [Double]?, _ ofBaseline: [Double]?) -> [Double] {
      guard let prediction, let ofBaseline, !ofBaseline.isEmpty, prediction.count == training.count else {
        return training
      }
      let free = Self.predictionAllowance * Spread.mean(ofBaseline)
      return zip(training, prediction).map { $0 + max(0, $1 - free) }
    }
    var charged = measured
    charged.cpuSeconds = sum(measured.cpuSeconds, measured.predictCPUSeconds, baseline?.predictCPUSeconds)
    charged.wallSeconds = sum(measured.wallSeconds, measured.predictWallSeconds, baseline?.predictWallSeconds)
    return charged
  }

  private func refusal(_ measured: Measured) -> TrialFailure? {
    guard admission != .comparison else { return nil }
    for gate in gates {
      switch values(gate.metric, measured) {
      case .failed(let failure): return failure
      case .score(let values):
        var gate = gate
        if admission == .final, let half = ExactDecimal("0.5") { gate.confidence = half }
        var ofBaseline: [Double] = []
        if let baseline, case .score(let found) = self.values(gate.metric, baseline) {
          ofBaseline = found.seeds
        }
        let ruling = GateRule(gate: gate, baseline: ofBaseline).rule(values.seeds)
        guard !ruling.isMet else { continue }
        return TrialFailure(.disqualified, ruling.reason, rule: gate.metric)
      }
    }
    guard admission == .trial else { return nil }
    return compute.lazy.compactMap { ComputeRule(fixed: $0).failure(measured) }.first
  }

  private func values(_ name: String, _ measured: Measured) -> Outcome {
    if name == metric.name {
      switch metric.source {
      case .trainCPUSeconds: return checked(name, measured.cpuSeconds)
      case .trainWallSeconds: return checked(name, measured.wallSeconds)
      case .score: break
      }
    }
    var values: [Double] = []
    for metrics in measured.metrics {
      guard let text = metrics[name] else {
        return .failed(
          TrialFailure(.harnessAbort, "the scorer did not report '\(name)'; the task's scorer needs repair"))
      }
      guard DecimalText.isDecimal(text), let value = Double(text) else {
        return .failed(
          TrialFailure(.crash, "'\(name)' is not a finite number; the predictions are not usable"))
      }
      values.append(value)
    }
    return checked(name, values)
  }

  private func checked(_ name: String, _ values: [Double]) -> Outcome {
    guard !values.isEmpty, values.allSatisfy({ $0.isFinite && abs($0) <= Self.largestValue }) else {
      return .failed(
        TrialFailure(
          .crash, "'\(name)' is not a finite number of reasonable size; the predictions are not usable"))
    }
    return .score(Score(seeds: values))
  }
}
