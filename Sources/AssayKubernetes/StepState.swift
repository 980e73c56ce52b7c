import AssayReflection

/// What a cluster says of a step's Job and its pod. Pure.
enum StepState: Sendable, Hashable {
  /// Waits for a node, or runs.
  case going
  /// Its pod ended by itself; what it did is in its folder.
  case ended
  /// The pod was killed at its memory limit: the command's own doing, where nodes have no control groups of ours.
  case memory
  /// It ended, or can never run, for a reason that is not the command's.
  case failed(String)

  /// - Parameters:
  ///   - job: the Job; nil where there is none any more.
  ///   - pods: the Job's pods.
  init(job: JSONValue?, pods: [JSONValue]) {
    guard let job else {
      self = .failed("somebody deleted the Job")
      return
    }
    let pod = pods.last
    if let pod, let word = Self.hopeless(pod) {
      self = .failed(word)
      return
    }
    let status = job["status"]
    if (status?["succeeded"]?.wholeNumber ?? 0) > 0 {
      self = .ended
      return
    }
    guard let condition = status?["conditions"]?.items?.first(where: Self.isFailure) else {
      self = .going
      return
    }
    if let pod, Self.terminated(pod)?["reason"]?.text == "OOMKilled" {
      self = .memory
      return
    }
    if let reason = pod?["status"]?["reason"]?.text {
      self = .failed(Self.explanation(reason, pod?["status"]?["message"]?.text))
    } else if let terminated = pod.flatMap(Self.terminated) {
      self = .failed("its program ended with status \(terminated["exitCode"]?.wholeNumber ?? -1)")
    } else {
      self = .failed(Self.explanation(condition["reason"]?.text ?? "", condition["message"]?.text))
    }
  }

  /// The node that has taken a step's pod; nil before one has.
  static func node(of pods: [JSONValue]) -> String? { pods.last?["spec"]?["nodeName"]?.text }

  private static func isFailure(_ condition: JSONValue) -> Bool {
    condition["type"]?.text == "Failed" && condition["status"]?.text == "True"
  }

  private static func containers(_ pod: JSONValue) -> [JSONValue] {
    (pod["status"]?["initContainerStatuses"]?.items ?? [])
      + (pod["status"]?["containerStatuses"]?.items ?? [])
  }

  private static func terminated(_ pod: JSONValue) -> JSONValue? {
    containers(pod).first { $0["name"]?.text == "step" }?["state"]?["terminated"]
  }

  /// What a pod waits for that no time brings.
  private static func hopeless(_ pod: JSONValue) -> String? {
    for container in containers(pod) {
      guard let waiting = container["state"]?["waiting"], let reason = waiting["reason"]?.text,
        [
          "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
          "CreateContainerConfigError",
          "CreateContainerError", "RunContainerError",
        ].contains(reason)
      else { continue }
      return "its pod cannot start (\(reason)\(tail(waiting["message"]?.text))); correct the Job template"
    }
    return nil
  }

  private static func explanation(_ reason: String, _ message: String?) -> String {
    let cause =
      switch reason {
      case "Evicted": "its pod was evicted"
      case "Preempting", "Preempted": "its pod was preempted"
      case "NodeLost", "NodeShutdown", "Terminated", "Shutdown": "its node went away"
      case "DeadlineExceeded":
        "the cluster ended its pod at a time limit before the task's was reached; raise what bounds Jobs there"
      case "": "its pod failed"
      default: "its pod ended as \(reason.prefix(60))"
      }
    return cause + tail(message)
  }

  private static func tail(_ message: String?) -> String {
    guard let message, !message.isEmpty else { return "" }
    return ": " + message.filter { !$0.isNewline }.prefix(200)
  }
}
