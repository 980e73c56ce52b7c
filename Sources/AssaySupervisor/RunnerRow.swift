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
    /// GPUs that its job was given.
    public var gpus: Int

    private enum CodingKeys: String, CodingKey {
      case name, job, gpus
      case idleSeconds = "seen_seconds_ago"
    }
  }

  public struct GPU: Codable, Sendable {
    public var uuid, model: String
    public var memoryBytes: UInt64
    public var computeCapability: String
    /// A partition of a device (MIG).
    public var partition: Bool
    /// Why it is given to no job; nil for one in service.
    public var outOfService: String?
    /// Nil for a device of the host. GPUs of a kind that a scheduler gives: on the node that has most of them, and on all, 0 where that is
    /// not known.
    public var perNode, total: Int?

    /// How many GPUs this stands for.
    var number: Int { perNode.map { max($0, total ?? 0) } ?? 1 }

    private enum CodingKeys: String, CodingKey {
      case uuid, model, partition, total
      case perNode = "per_node"
      case memoryBytes = "memory_bytes"
      case computeCapability = "compute_capability"
      case outOfService = "out_of_service"
    }

    init(_ gpu: RunnerV1.GPU) {
      uuid = gpu.uuid
      model = gpu.model
      memoryBytes = gpu.memoryBytes
      computeCapability = gpu.computeCapability
      partition = gpu.partition
      outOfService = gpu.outOfService.isEmpty ? nil : gpu.outOfService
      perNode = (gpu.scheduled?.perNode).map { Int($0) }
      total = (gpu.scheduled?.total).map { Int($0) }
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
  /// All of the host, those in use too.
  public var gpus: [GPU]
  /// How many of them jobs hold.
  public var gpusHeld: Int
  /// How many can be given to a job now.
  public var gpusFree: Int
  /// GPUs of the jobs that the host is kept for, until one of them starts; nil for none.
  public var keptFor: String?
  public var jobsDone: UInt64
  public var failures: UInt64
  /// Failed jobs that another host then finished.
  public var failuresAlone: UInt64
  /// Of a host in quarantine: trials that it measured.
  public var doubtful: [String]

  private enum CodingKeys: String, CodingKey {
    case name, identity, state, reason, labels, isolation, slots, gpus, failures, doubtful
    case memoryBytes = "memory_bytes"
    case gpusHeld = "gpus_held"
    case gpusFree = "gpus_free"
    case keptFor = "kept_for"
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
        job: slot.jobId.isEmpty ? nil : "\(slot.runId)/\(slot.trial) \(slot.phase)", gpus: Int(slot.gpus))
    }
    gpus = host.gpus.map(GPU.init)
    gpusHeld = Int(host.gpusHeld)
    gpusFree = max(0, gpus.filter { $0.outOfService == nil }.reduce(0) { $0 + $1.number } - gpusHeld)
    keptFor = host.keptFor.map(\.text)
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
    if !gpus.isEmpty {
      let out = gpus.filter { $0.outOfService != nil }.reduce(0) { $0 + $1.number }
      // What a scheduler's jobs hold and what they wait for there, only the scheduler knows.
      let isScheduled = gpus.contains { $0.perNode != nil }
      lines.append(
        "  GPUs: \(gpusHeld) " + (isScheduled ? "asked of the scheduler" : "held, \(gpusFree) free")
          + (out == 0 ? "" : ", \(out) out of service")
          + (keptFor.map { "; kept for a job with \(TerminalText.oneLine($0, limit: 100))" } ?? ""))
    }
    for gpu in gpus {
      let state = gpu.outOfService.map { ", out of service: \($0)" } ?? ""
      let kind = "\(gpu.model)\(gpu.partition ? " (part)" : ""), \(gpu.memoryBytes >> 20) MiB"
      let most = gpu.perNode.map { most in
        ", \(most) a node" + ((gpu.total ?? 0) > 0 ? ", \(gpu.total ?? 0) in all" : "")
      }
      lines.append("  \(TerminalText.oneLine("\(gpu.uuid)  \(kind)\(most ?? "")\(state)", limit: 400))")
    }
    for slot in slots {
      let seen = slot.idleSeconds.map { "seen \($0) s ago" } ?? "not seen since the evaluator started"
      let gpus = slot.gpus == 0 ? "" : ", \(slot.gpus) GPU\(slot.gpus == 1 ? "" : "s")"
      lines.append(
        "  \(TerminalText.oneLine(slot.name, limit: 60))  \(slot.job.map { TerminalText.oneLine($0, limit: 120) + gpus } ?? "waits")  \(seen)"
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
