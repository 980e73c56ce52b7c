public import AssayMessages
public import Foundation

/// Provenance of a job and its report: made by runners, and made again by the evaluator to compare.
extension ProvenanceStatement {
  /// - Parameters:
  ///   - mounts: SHA-256 of each host folder that the job was given, by `TASK/NAME`.
  ///   - version: of the runner.
  public init(
    of job: RunnerV1.Job, _ report: RunnerV1.CompleteJobRequest, mounts: [String: String], host: Host,
    version: String, started: Date, finished: Date
  ) {
    subjects = Self.subjects(report)
    predicate = Predicate(
      buildDefinition: Definition(of: job, mounts: mounts),
      runDetails: RunDetails(
        builder: .init(id: Self.builder, version: ["assay": version]),
        metadata: .init(
          invocationId: "\(job.jobId)#\(job.fencingToken)", startedOn: started.formatted(.iso8601),
          finishedOn: finished.formatted(.iso8601)),
        byproducts: [
          Resource(name: "log", sha256: VerdictStatement.digest(Array(report.log.utf8)))
        ],
        assay_result: Result(report), assay_host: host))
  }

  /// Digests of the mounts that the statement names, by `TASK/NAME`.
  public var mounts: [String: String] {
    Dictionary(
      definition.resolvedDependencies.compactMap { resource in
        guard resource.name.hasPrefix(Definition.mount), let digest = resource.digest["sha256"] else {
          return nil
        }
        return (String(resource.name.dropFirst(Definition.mount.count)), digest)
      }, uniquingKeysWith: { $1 })
  }

  /// In what it disagrees with the job that was leased and the report that came with it; nil when it agrees.
  public func disagreement(
    with job: RunnerV1.Job, _ report: RunnerV1.CompleteJobRequest
  ) -> String? {
    if definition != Definition(of: job, mounts: mounts) { return "what was to be run" }
    if result != Result(report) { return "what was measured" }
    if subjects != Self.subjects(report) { return "the outputs" }
    let gpus = (host.gpus ?? []).map(\.uuid)
    if Set(gpus).count != gpus.count || gpus.count != Int(job.gpus?.count ?? 0) {
      return "the GPUs that it had"
    }
    if logDigest != VerdictStatement.digest(Array(report.log.utf8)) { return "the log" }
    return nil
  }

  private static func subjects(_ report: RunnerV1.CompleteJobRequest) -> [Resource] {
    report.outputs.filter { $0.state == .present }.map { Resource(name: $0.path, sha256: $0.digest) }
  }
}

extension ProvenanceStatement.Definition {
  fileprivate static let mount = "mount:"

  fileprivate init(of job: RunnerV1.Job, mounts: [String: String]) {
    buildType = ProvenanceStatement.buildType
    externalParameters = External(
      run: job.runId, trial: job.trial, phase: job.phase, command: job.command,
      environment: Dictionary(job.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
      recipe: .init(name: "recipe", sha256: Self.tree("/recipe/", of: job)))
    let budget = job.budget ?? .init()
    internalParameters = Internal(
      job: job.jobId, fencingToken: job.fencingToken, cores: job.cores,
      gpus: job.gpus.map {
        GPUs(count: $0.count, memoryBytes: $0.memoryBytes, computeCapability: $0.computeCapability)
      },
      limits: Limits(
        wallMs: budget.wallMs, cpuMs: budget.cpuMs, memoryBytes: budget.memoryBytes,
        diskBytes: budget.diskBytes, outputBytes: budget.outputBytes, processes: budget.processes),
      outputs: job.outputs.map { Output(path: $0.path, maxBytes: $0.maxBytes) })
    resolvedDependencies =
      ["harness", "artifact", "inputs"].compactMap { name in
        Self.tree("/\(name)/", of: job).map { .init(name: name, sha256: $0) }
      }
      + job.mounts.map { mount in
        let name = "\(mount.taskName)/\(mount.name)"
        return .init(name: Self.mount + name, sha256: mounts[name])
      }
  }

  /// SHA-256 of the listing of a folder's files, as the id of a recipe's snapshot is made; nil when the job has none there.
  private static func tree(_ folder: String, of job: RunnerV1.Job) -> String? {
    let files = job.files.filter { $0.path.hasPrefix(folder) }
      .map { (path: Array($0.path.utf8.dropFirst(folder.utf8.count)), digest: $0.digest) }
      .sorted { $0.path.lexicographicallyPrecedes($1.path) }
    guard !files.isEmpty else { return nil }
    return VerdictStatement.digest(files.flatMap { $0.path + [0] + Array($0.digest.utf8) + [0x0a] })
  }
}

extension ProvenanceStatement.Result {
  fileprivate init(_ report: RunnerV1.CompleteJobRequest) {
    runner = report.runner
    outcome =
      switch report.outcome {
      case .exited: "exited"
      case .wallLimit: "wall limit"
      case .cpuLimit: "cpu limit"
      case .memoryLimit: "memory limit"
      case .processLimit: "process limit"
      case .diskLimit: "disk limit"
      case .outputLimit: "output limit"
      default: "infrastructure"
      }
    exitCode = report.exitCode
    signal = report.signal
    wallNs = report.wallNs
    cpuNs = report.cpuNs
    maxMemoryBytes = report.maxMemoryBytes
    outputs = report.outputs.map { output in
      let state =
        switch output.state {
        case .present: "present"
        case .tooLarge: "too large"
        case .notAFile: "not a file"
        default: "missing"
        }
      return Output(path: output.path, state: state, size: output.size)
    }
  }
}
