import AssaySandbox
import Foundation

/// What a trial script says of its recipe. It is the recipe's own word: there is no way from here to a verdict, since nothing that signs or
/// keeps verdicts knows this type.
struct ClaimedResult: Sendable, Equatable {
  /// A number that was claimed, as it is written down.
  struct Figure: Sendable, Equatable {
    var value: Double
    var text: String

    /// Nil for what is not finite or beyond reason.
    init?(_ value: Double, isCount: Bool = false) {
      guard value.isFinite, abs(value) <= 1e11 else { return nil }
      self.value = value
      text = isCount && value == value.rounded() ? String(Int(value)) : String(format: "%.6f", value)
    }
  }

  /// The label of a failure; nil for a trial that claims a score.
  var failure: String?
  var reason: String
  /// By column; the score is among them, unless the trial failed.
  var figures: [String: Figure] = [:]

  static func failed(_ label: String, _ reason: String) -> ClaimedResult {
    ClaimedResult(failure: label, reason: reason)
  }

  /// How it ended is measured from outside, and comes first: what was stopped, or failed, claims nothing.
  ///
  /// - Parameter line: the last line of what the script left; nil when it left no plain file of reasonable size.
  init(_ outcome: SandboxResult.Outcome, line: [UInt8]?, schema: ClaimedSchema) {
    switch outcome {
    case .limit(let limit):
      self = .failed(
        limit == .wall ? "eval_budget_overrun" : "crash", "stopped at its limit of \(limit.rawValue)")
    case .signalled(let number): self = .failed("crash", "run_trial.sh was killed by signal \(number)")
    case .exited(let status):
      let record = line.flatMap { try? JSONDecoder().decode([String: Scalar].self, from: Data($0)) }
      self = ClaimedResult(record, exit: status, schema)
    }
  }

  private init(failure: String?, reason: String) {
    self.failure = failure
    self.reason = reason
  }

  private init(_ record: [String: Scalar]?, exit status: Int32, _ schema: ClaimedSchema) {
    guard let record else {
      self = .failed(
        "crash",
        "exit status \(status), and no record in full_eval_results/*/run_seed0.jsonl that can be read")
      return
    }
    let said = record["status"]?.text ?? ""
    let why = [said, record["kill_reason"]?.text ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
    for column in schema.columns {
      let isCount = column == "artifact_bytes" || column == "n_seeds"
      figures[column] = record[column]?.number.flatMap { Figure($0, isCount: isCount) }
    }
    figures["total_s"] = nil
    reason = why
    switch said {
    case "VALID", "OK":
      if status != 0 {
        failure = "crash"
        reason = "it says \(said), and run_trial.sh ended with status \(status)"
      } else if record["smoke"]?.isTrue == true {
        failure = "crash"
        reason = "it says \(said) of a smoke run"
      } else if figures[schema.rawValue] == nil {
        failure = "crash"
        reason = "it says \(said), and no usable \(schema.rawValue)"
      }
    case "DQ_SIZE": failure = "size_blocked"
    case "DQ_TRAIN": failure = "train_budget_overrun"
    case "DQ_EVAL", "TIMEOUT": failure = "eval_budget_overrun"
    case "DISQUALIFIED", "BORDERLINE": failure = "disqualified"
    case "PREFLIGHT_CRASH": failure = "preflight_crash"
    default: failure = "crash"
    }
    if failure != nil { figures[schema.rawValue] = nil }
  }

  /// A value of the record; what is nested is nothing.
  private enum Scalar: Decodable {
    case flag(Bool)
    case value(Double)
    case words(String)
    case none

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let value = try? container.decode(Double.self) {
        self = .value(value)
      } else {
        self = (try? container.decode(String.self)).map(Scalar.words) ?? .none
      }
    }

    var number: Double? { if case .value(let value) = self { value } else { nil } }
    var isTrue: Bool { if case .flag(true) = self { true } else { false } }
    var text: String? { if case .words(let words) = self { String(words.prefix(400)) } else { nil } }
  }
}
