import AssayMessages
import AssayTask

/// What a run has to know of its task, whoever owns it: this machine or somebody else's evaluator.
struct RunTask: Sendable {
  var name: String
  /// SHA-256 of the task folder, in hexadecimal.
  var digest: String
  /// The same without the task's rules; nil for a task of somebody else's evaluator.
  var frame: String?
  var metricName: String
  var metricUnit: String
  var minimize: Bool
  /// Names of the partitions.
  var specialists: [String]

  init(_ task: ResearchTask) {
    name = task.name
    digest = task.digest
    frame = task.frameDigest
    metricName = task.metric.name
    metricUnit = task.metric.unit
    minimize = task.metric.direction == .minimize
    specialists = task.partitions.map(\.name)
  }

  init(_ task: EvaluatorV1.TaskDescription) {
    name = task.name
    digest = task.taskDigest
    metricName = task.metric?.name ?? ""
    metricUnit = task.metric?.unit ?? ""
    minimize = task.metric?.direction != .maximize
    specialists = task.partitions.map(\.name)
  }
}
