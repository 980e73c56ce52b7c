import AssayMessages
import Foundation

/// One host of the fleet, for people and programs.
public struct RunnerRow: Codable, Sendable {
  public struct Slot: Codable, Sendable {
    public var name: String
    /// Seconds since it called; nil when it has not since the evaluator started.
    public var idleSeconds: Int?
    /// `RUN/TRIAL PHASE`; nil when it waits.
    public var job: String?

    private enum CodingKeys: String, CodingKey {
      case name, job
      case idleSeconds = "seen_seconds_ago"
    }
  }

  public var name: String
  public var identity: String
  /// "active", "cordoned", "drained" or "quarantined".
  public var state: String
  public var reason: String
  public var labels: [String]
  public var memoryBytes: UInt64
  public var isolation: String
  public var slots: [Slot]
  public var jobsDone: UInt64
  public var failures: UInt64
  /// Failed jobs that another host then finished.
  public var failuresAlone: UInt64
  /// Of a host in quarantine: trials that it measured.
  public var doubtful: [String]

  private enum CodingKeys: String, CodingKey {
    case name, identity, state, reason, labels, isolation, slots, failures, doubtful
    case memoryBytes = "memory_bytes"
    case jobsDone = "jobs_done"
    case failuresAlone = "failures_alone"
  }

  init(_ host: RunnerV1.RunnerHost, now: Int64) {
    name = host.name
    identity = host.identity
    state =
      switch host.state {
      case .active: "active"
      case .cordoned: "cordoned"
      case .drained: "drained"
      case .quarantined: "quarantined"
      default: "unknown"
      }
    reason = host.reason
    labels = host.labels
    memoryBytes = host.memoryBytes
    isolation = host.isolation
    slots = host.slots.map { slot in
      Slot(
        name: slot.name, idleSeconds: slot.seenAtMs == 0 ? nil : Int(max(0, now - slot.seenAtMs) / 1000),
        job: slot.jobId.isEmpty ? nil : "\(slot.runId)/\(slot.trial) \(slot.phase)")
    }
    jobsDone = host.jobsDone
    failures = host.failures
    failuresAlone = host.failuresAlone
    doubtful = host.doubtful.map { "\($0.runId)/\($0.trial)" }
  }

  /// What the host is, then a line a slot.
  public var text: String {
    var lines = [
      "\(TerminalText.oneLine(name, limit: 60))  \(state)  \(jobsDone) jobs, \(failures) failures"
        + (failuresAlone > 0 ? " (\(failuresAlone) that other hosts did not have)" : "")
        + "  \(TerminalText.oneLine(labels.joined(separator: " "), limit: 200))"
    ]
    if !reason.isEmpty { lines.append("  \(TerminalText.oneLine(reason, limit: 400))") }
    for slot in slots {
      let seen = slot.idleSeconds.map { "seen \($0) s ago" } ?? "not seen since the evaluator started"
      lines.append(
        "  \(TerminalText.oneLine(slot.name, limit: 60))  \(slot.job.map { TerminalText.oneLine($0, limit: 120) } ?? "waits")  \(seen)"
      )
    }
    if !doubtful.isEmpty {
      lines.append(
        "  measured, and in doubt: \(doubtful.prefix(20).joined(separator: ", "))\(doubtful.count > 20 ? ", ..." : "")"
      )
    }
    return lines.joined(separator: "\n")
  }
}
