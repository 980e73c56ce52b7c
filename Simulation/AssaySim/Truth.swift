import AssayMessages

/// What is so, as the simulation saw it: against this the record is held.
/// Unchecked: on the simulation's one thread alone.
final class Truth: @unchecked Sendable {
  /// A submission that an agent has decided on; its key is on the agent's disk before it is sent.
  struct Submission {
    var key: String
    var specialist: String
    var edit: [UInt8]
    var fate: Recipe.Fate
  }
  /// A lease that the evaluator granted, and until when it has promised it.
  struct Grant {
    var holder: String
    var token: UInt64
    var until: Int64
    /// Its holder has reported the job.
    var isOver = false
  }

  var waiting: [String: [Submission]] = [:]
  /// Answered with a trial's number.
  var acknowledged: [(submission: Submission, trial: UInt32)] = []
  var refused: [String: String] = [:]
  /// Envelopes that agents saw, by trial.
  var verdicts: [UInt32: [UInt8]] = [:]
  var agentsDone: Set<String> = []
  var grants: [String: Grant] = [:]
  var completed: [String: UInt64] = [:]
  /// Sizes and roots of the log, in the order in which they were seen.
  var checkpoints: [(size: UInt64, root: [UInt8])] = []
  var violations: [String] = []
  var abortedTrials = 0

  func violation(_ text: String) {
    if violations.count < 20, !violations.contains(text) { violations.append(text) }
  }

  func acknowledge(_ submission: Submission, _ trial: UInt32) {
    if let other = acknowledged.first(where: { $0.trial == trial && $0.submission.key != submission.key }) {
      violation(
        "submissions \(other.submission.key) and \(submission.key) were both answered with trial \(trial)")
    }
    if let known = acknowledged.first(where: { $0.submission.key == submission.key }) {
      if known.trial != trial {
        violation(
          "submission \(submission.key) was answered with trial \(known.trial), and then with \(trial)")
      }
      return
    }
    acknowledged.append((submission, trial))
  }

  func refuse(_ submission: Submission, _ reason: String) {
    if let known = acknowledged.first(where: { $0.submission.key == submission.key }) {
      violation(
        "submission \(submission.key) was answered with trial \(known.trial), and refused when it was sent again: \(reason)"
      )
    }
    refused[submission.key] = reason
  }

  func saw(_ trial: UInt32, _ envelope: [UInt8]) {
    if let known = verdicts[trial], known != envelope { violation("trial \(trial) has two verdicts") }
    verdicts[trial] = envelope
  }

  func saw(_ size: UInt64, _ root: [UInt8]) {
    if let last = checkpoints.last {
      if size < last.size { violation("the log shrank from \(last.size) to \(size) entries") }
      if size == last.size, root != last.root { violation("the log has two roots at \(size) entries") }
    }
    checkpoints.append((size, root))
  }
}
