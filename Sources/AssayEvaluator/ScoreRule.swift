import AssayMessages
import AssayTask
import AssayVerdict

/// Turns what was measured into a score: from the scorer and the runner's clock, never from the recipe's words.
///
/// A time metric counts training alone. That prediction is not a way around it is the task's business, which caps
/// prediction's CPU time as hard as training's: work moved there runs into `eval_budget_overrun`.
struct ScoreRule: Sendable {
  struct Score: Hashable, Sendable {
    var seeds: [Double]
    var mean: Double { seeds.reduce(0, +) / Double(max(1, seeds.count)) }
  }

  enum Outcome: Hashable, Sendable {
    case score(Score)
    case failed(TrialFailure)
  }

  var metric: TaskFile.Metric
  var gates: [TaskFile.Gate]

  /// No task measures anything beyond this.
  static let largestValue = 1e11

  func outcome(_ measured: Measured) -> Outcome {
    for gate in gates {
      switch values(gate.metric, measured) {
      case .failed(let failure): return .failed(failure)
      case .score(let values):
        guard !gate.isMet(by: values.mean) else { continue }
        let short = Quantity.decimal(abs(values.mean - gate.threshold.value))
        return .failed(
          TrialFailure(
            .disqualified,
            "\(gate.metric) is \(Quantity.decimal(values.mean)) over \(values.seeds.count) seed(s), \(short) away from the gate: "
              + "\(gate) is required", rule: gate.metric))
      }
    }
    switch metric.source {
    case .score: return values(metric.name, measured)
    case .trainCPUSeconds: return checked(metric.name, measured.cpuSeconds)
    case .trainWallSeconds: return checked(metric.name, measured.wallSeconds)
    }
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
