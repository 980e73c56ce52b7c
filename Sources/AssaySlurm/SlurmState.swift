import AssaySandbox

/// What Slurm says of a job that ended without a result of ours (squeue's long states).
struct SlurmState: Sendable, Hashable {
  var job: String
  var state: String
  var reason: String

  /// A line of `squeue --format=%i|%T|%r`.
  init?(line: some StringProtocol) {
    let fields = line.split(omittingEmptySubsequences: false) { $0 == "|" }.map { String($0) }
    guard fields.count == 3, !fields[0].isEmpty else { return nil }
    (job, state, reason) = (fields[0], fields[1], fields[2])
  }

  /// Memory is the command's own doing: where nodes have no control groups of ours, it is Slurm that enforces its limit.
  var isMemory: Bool { state == "OUT_OF_MEMORY" }

  /// Waits or runs, as far as Slurm knows.
  var isOpen: Bool { ["PENDING", "CONFIGURING", "RUNNING", "SUSPENDED"].contains(state) }

  /// Has ended, and is not gone from its node yet: why it ended is not told until then.
  var isEnding: Bool { state == "COMPLETING" }

  /// Waits for something that no time brings.
  var isHopeless: Bool {
    state == "PENDING"
      && [
        "PartitionTimeLimit", "PartitionNodeLimit", "AccountNotAllowed", "QOSNotAllowed", "InvalidAccount",
        "InvalidQOS", "BadConstraints", "JobHeldAdmin", "JobHeldUser",
      ].contains(reason)
  }

  /// Why there is no result. None of it is ever the command's fault: its own limits are enforced by the launcher on the node, and
  /// are reached before Slurm's.
  func explanation(output: String) -> String {
    let cause =
      switch state {
      case "TIMEOUT", "DEADLINE":
        "it ended the step at its own time limit, before the task's was reached; raise the partition's MaxTime"
      case "NODE_FAIL": "the node failed"
      case "PREEMPTED": "the step was preempted by another job"
      case "CANCELLED": "somebody cancelled the step"
      case "BOOT_FAIL": "the node did not boot"
      case _ where reason == "BadConstraints":
        "no node has all that was asked for; compare the task's cores, memory and GPUs with scontrol show node"
      case "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT": "the step was put back into Slurm's queue"
      default: "the step ended as \(state.prefix(40))"
      }
    let detail = reason.isEmpty || reason == "None" ? "" : " (\(reason.prefix(80)))"
    let words = output.split(whereSeparator: \.isNewline).last.map { "; srun said: \($0.prefix(300))" } ?? ""
    return "Slurm job \(job): \(cause)\(detail)\(words)"
  }
}
