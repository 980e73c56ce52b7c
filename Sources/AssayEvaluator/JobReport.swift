import AssayMessages
import AssayTask

/// What a runner measured of one job, and the limits that it ran under.
struct JobReport: Codable, Hashable, Sendable {
  enum Ending: String, Codable, Sendable {
    case exited, wall, cpu, memory, processes, disk, output, infrastructure
  }
  enum OutputState: String, Codable, Sendable {
    case present, missing, tooLarge, notAFile
  }
  struct Output: Codable, Hashable, Sendable {
    var path: String
    var state: OutputState
    var digest: String
    var size: UInt64
    var maximum: UInt64
  }

  var ending: Ending
  var exitCode: Int32
  var signal: Int32
  var wallNanoseconds: UInt64
  var cpuNanoseconds: UInt64
  var memoryBytes: UInt64
  var outputs: [Output]
  /// Cleaned and bounded.
  var log: String
  var runner: String
  var cpuLimitNanoseconds: UInt64
  var wallLimitNanoseconds: UInt64
  var memoryLimitBytes: UInt64
  var infrastructureReason: String
  /// How long a reply could take, where inputs were revealed piece by piece.
  var replySeconds: Double? = nil

  var artifactBytes: UInt64 { outputs.reduce(0) { $0 + $1.size } }
  var artifactLimit: UInt64 { outputs.reduce(0) { $0 + $1.maximum } }

  /// Reads a completion against the phase it belongs to. An output that the runner did not mention is missing.
  init(_ request: RunnerV1.CompleteJobRequest, phase: TaskFile.Phase, runner: String) {
    ending =
      switch request.outcome {
      case .exited: .exited
      case .wallLimit: .wall
      case .cpuLimit: .cpu
      case .memoryLimit: .memory
      case .processLimit: .processes
      case .diskLimit: .disk
      case .outputLimit: .output
      default: .infrastructure
      }
    exitCode = request.exitCode
    signal = request.signal
    wallNanoseconds = request.wallNs
    cpuNanoseconds = request.cpuNs
    memoryBytes = request.maxMemoryBytes
    outputs = phase.outputs.map { declared in
      let found = request.outputs.first { $0.path == declared.path }
      let state: OutputState =
        switch found?.state {
        case .present?: .present
        case .tooLarge?: .tooLarge
        case .notAFile?: .notAFile
        default: .missing
        }
      return Output(
        path: declared.path, state: state, digest: found?.digest ?? "", size: found?.size ?? 0,
        maximum: UInt64(max(0, declared.maximumBytes)))
    }
    log = LogExcerpt.clean(request.log)
    self.runner = runner
    cpuLimitNanoseconds = UInt64(max(0, phase.limits.cpuSeconds) * 1e9)
    wallLimitNanoseconds = UInt64(max(0, phase.limits.wallSeconds) * 1e9)
    memoryLimitBytes = UInt64(max(0, phase.limits.memoryBytes))
    infrastructureReason = request.infrastructureReason
    replySeconds = phase.reveal?.replySeconds
  }
}
