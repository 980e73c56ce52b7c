import AssayGPU
import AssayIdentity
import AssayMessages
import AssayRPC
import AssaySandbox
import AssayServices
import AssayVerdict
import Foundation

/// Runs one leased job: fetches what it needs, runs it in the sandbox, sends what it left, and says what was measured.
struct JobExecution: Sendable {
  let jobs: JobServiceClient
  let sandbox: any TrialLauncher
  let configuration: RunnerConfiguration
  let runner: String
  let cores: [Int]
  /// Signs what is reported.
  let key: IdentityKey
  let facts: HostFacts
  /// Nil where this runner gives jobs none.
  let gpus: HostGPUs?

  /// The report of a job. Failures of ours are in it as such; only cancellation is thrown.
  func report(of job: RunnerV1.Job) async throws -> RunnerV1.CompleteJobRequest {
    var report = RunnerV1.CompleteJobRequest()
    report.jobId = job.jobId
    report.fencingToken = job.fencingToken
    report.runner = runner
    do {
      let folder = try JobFolder(in: configuration.state)
      defer { folder.remove() }
      try await run(job, in: folder, into: &report)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      try Task.checkCancellation()
      report.outcome = .infrastructure
      report.outputs = []
      report.infrastructureReason = String(decoding: "\(error)".utf8.prefix(1900), as: UTF8.self)
      report.handedBack = (error as? RunnerError)?.code == .gpusTaken
    }
    return report
  }

  private func run(_ job: RunnerV1.Job, in folder: JobFolder, into report: inout RunnerV1.CompleteJobRequest)
    async throws
  {
    let transfer = BlobTransfer(
      jobs: jobs, job: job, volume: configuration.artifactVolume, owner: configuration.name)
    for file in job.files {
      let input = try folder.create(try folder.place(of: file.path))
      defer { try? input.close() }
      try await transfer.fetch(file, into: input)
    }
    let command = try command(for: job, in: folder)
    let mounts = digests(of: job)
    let (result, used, started, finished) = try await run(command, job, folder)
    try Task.checkCancellation()
    report.wallNs = result.wallNanoseconds
    report.cpuNs = result.cpuNanoseconds
    report.maxMemoryBytes = result.peakMemoryBytes
    report.log = String(
      decoding: String(decoding: result.log, as: UTF8.self).replacing("\0", with: "\u{FFFD}").utf8.prefix(
        200_000), as: UTF8.self)
    switch result.outcome {
    case .exited(let code):
      report.outcome = .exited
      report.exitCode = code
    case .signalled(let number):
      report.outcome = .exited
      report.signal = number
    case .limit(let limit):
      report.outcome =
        switch limit {
        case .wall: .wallLimit
        case .cpu: .cpuLimit
        case .memory: .memoryLimit
        case .processes: .processLimit
        case .disk: .diskLimit
        case .output: .outputLimit
        }
    }
    for (index, (declared, output)) in zip(job.outputs, result.outputs).enumerated() {
      var collected = RunnerV1.CollectedOutput()
      collected.path = declared.path
      switch output {
      case .present(let size):
        collected.state = .present
        collected.size = size
        collected.digest = try await transfer.send(folder.output(index), size: size)
      case .missing: collected.state = .missing
      case .notAFile: collected.state = .notAFile
      case .tooLarge(let size):
        collected.state = .tooLarge
        collected.size = size
      }
      report.outputs.append(collected)
    }
    report.provenance = try ProvenanceStatement(
      of: job, report, mounts: mounts,
      host: facts.host(result.host, cores: command.cores, isolation: sandbox.isolation, gpus: used),
      version: Runner.version, started: started, finished: finished
    ).signed(with: key)
  }

  private typealias Ran = (
    result: SandboxResult, gpus: [ProvenanceStatement.GPU]?, started: Date, finished: Date
  )

  /// Runs the command with the GPUs that the job needs, watched.
  private func run(_ command: SandboxCommand, _ job: RunnerV1.Job, _ folder: JobFolder) async throws -> Ran {
    guard let need = job.gpus, need.count > 0 else {
      let (result, started, finished) = try await timed { try await sandbox.run(command) }
      return (result, nil, started, finished)
    }
    let wanted = GPUNeed(
      count: Int(need.count), memoryBytes: need.memoryBytes, computeCapability: need.computeCapability,
      model: need.model.isEmpty ? nil : need.model)
    let run: GPURun
    if let scheduler = sandbox as? any GPUScheduler {
      run = try await scheduler.run(command, with: wanted)
    } else if let gpus {
      run = try await gpus.run(
        command, with: wanted, for: "\(job.jobId)#\(job.fencingToken)", every: configuration.gpuInterval,
        by: sandbox)
    } else {
      throw RunnerError(.badJob, "the job needs GPUs, which this runner does not give")
    }
    return (run.result, run.gpus, run.started, run.finished)
  }

  /// SHA-256 of each host folder that the job is given, by `TASK/NAME`.
  private func digests(of job: RunnerV1.Job) -> [String: String] {
    var digests: [String: String] = [:]
    for mount in job.mounts {
      let name = "\(mount.taskName)/\(mount.name)"
      digests[name] = configuration.mounts[name].flatMap(facts.digest)
    }
    return digests
  }

  private func command(for job: RunnerV1.Job, in folder: JobFolder) throws(RunnerError) -> SandboxCommand {
    var mounts = folder.mounts
    for mount in job.mounts {
      let name = "\(mount.taskName)/\(mount.name)"
      guard let source = configuration.mounts[name] else {
        throw RunnerError(
          .badJob,
          "the job needs \(name), which this runner does not have; start it with --mount \(name)=/folder")
      }
      mounts.append(.init(source, at: mount.path))
    }
    // The processes of one training meet at an address of the sandbox's own network.
    for (name, text) in [
      ("hosts", "127.0.0.1 localhost trial\n"),
      ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ] {
      mounts.append(.init(try folder.note(name, text), at: "/etc/\(name)"))
    }
    let budget = job.budget ?? .init()
    var reveal: SandboxCommand.Reveal?
    if job.files.contains(where: { $0.path == JobFolder.stream }) {
      guard let record = job.outputs.first, job.outputs.count == 1 else {
        throw RunnerError(
          .badJob, "a job to which a stream is revealed has one output, the record of its replies")
      }
      reveal = .init(folder.stream, record: folder.output(0).path, maximumBytes: record.maxBytes)
    }
    return SandboxCommand(
      arguments: job.command,
      environment: Dictionary(job.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
      mounts: mounts,
      outputs: reveal != nil
        ? []
        : job.outputs.enumerated().map {
          .init($1.path, maximumBytes: $1.maxBytes, to: folder.output($0).path)
        },
      limits: SandboxLimits(
        wallMilliseconds: budget.wallMs == 0 ? 3_600_000 : budget.wallMs, cpuMilliseconds: budget.cpuMs,
        memoryBytes: budget.memoryBytes,
        processes: budget.processes, diskBytes: budget.diskBytes, outputBytes: budget.outputBytes),
      cores: Array(cores.prefix(max(1, Int(job.cores)))), reveal: reveal)
  }
}
