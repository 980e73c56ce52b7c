import AssayIdentity
import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCNNG
import AssayServices
import AssayTask
import AssayVerdict
import Crypto
import Foundation
import Glibc
import Synchronization

/// Agents and runners in one process, over a few connections.
final class ScaleLoad: Sendable {
  private struct Tally {
    var figures = ScaleFigures()
    var (submits, verdicts, looks) = (Samples(), Samples(), Samples())
  }

  /// Each takes as many agents as an arm has specialists; their names are new in a record that is kept.
  private let runs: [String]
  private let services: ScaleServices
  private let wait: Double
  private let tally = Mutex(Tally())
  private let agents: [RPCClient]
  private let runners: [RPCClient]
  private let head: RPCClient
  private let baseline: RecipeTree

  init(_ services: ScaleServices, wait: Double) throws {
    self.services = services
    self.wait = wait
    runs = (0..<(services.agentKeys.count + ScaleServices.specialists - 1) / ScaleServices.specialists).map {
      "scale-\(getpid())-\($0)"
    }
    let transports = try (0..<8).map { _ in try NNGClientTransport(address: services.address) }
    let server = services.evaluatorKey.publicIdentity
    func client(_ number: Int, _ key: IdentityKey) -> RPCClient {
      RPCClient(
        transport: transports[number % transports.count],
        credentials: ClientCredentials(key: key, server: server))
    }
    agents = services.agentKeys.enumerated().map { client($0, $1) }
    runners = services.runnerKeys.enumerated().map { client($0, $1) }
    head = client(0, services.operatorKey)
    baseline = try ResearchTask.load(directory: services.folder.path + "/task").baseline
  }

  func run(seconds: Double, progress: @escaping @Sendable (String) -> Void) async throws -> ScaleFigures {
    for run in runs { try await open(run) }
    let began = ContinuousClock.now
    try await connect(progress)
    let connecting = (ContinuousClock.now - began) / .seconds(1)
    progress("\(agents.count) agents and \(runners.count) runners have their sessions")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, client) in runners.enumerated() {
        group.addTask { await self.work(number, client, self.services.runnerKeys[number]) }
      }
      for run in runs { try await accepting(run) }
      let before = (services.usage(), Self.ownSeconds())
      group.addTask { await self.look() }
      for (number, client) in agents.enumerated() {
        group.addTask { await self.research(number, client) }
      }
      let end = ContinuousClock.now + .seconds(seconds)
      while ContinuousClock.now < end {
        try await Task.sleep(for: min(.seconds(5), ContinuousClock.now.duration(to: end)))
        let figures = tally.withLock { $0.figures }
        progress("\(figures.submitted) trials submitted, \(figures.verdicts) decided")
      }
      tally.withLock { tally in
        let usage = services.usage()
        tally.figures.peakMemory = usage.mapValues(\.peak)
        tally.figures.cpu = usage.reduce(into: ["load": Self.ownSeconds() - before.1]) { cpu, item in
          cpu[item.key] = item.value.cpu - (before.0[item.key]?.cpu ?? 0)
          guard item.key == "assay-evaluator" else { return }
          cpu["sandboxes"] = item.value.children - (before.0[item.key]?.children ?? 0)
        }
        tally.figures.files = [
          "evaluator": services.megabytes(services.folder.appending(path: "evaluator")),
          "record": services.megabytes(services.record),
        ]
      }
      group.cancelAll()
      head.close()
      for client in agents + runners { client.close() }
    }
    var loads = [0.0]
    getloadavg(&loads, 1)
    return tally.withLock { tally in
      var figures = tally.figures
      figures.agents = agents.count
      figures.runners = runners.count
      figures.runs = runs.count
      figures.seconds = seconds
      figures.connecting = connecting
      figures.submitP50 = tally.submits.microseconds(0.5) / 1000
      figures.submitP99 = tally.submits.microseconds(0.99) / 1000
      figures.verdictP50 = tally.verdicts.microseconds(0.5) / 1000
      figures.verdictP99 = tally.verdicts.microseconds(0.99) / 1000
      figures.lookP50 = tally.looks.microseconds(0.5) / 1000
      figures.lookP99 = tally.looks.microseconds(0.99) / 1000
      figures.load = loads[0]
      return figures
    }
  }

  /// CPU seconds of this process.
  private static func ownSeconds() -> Double {
    var usage = rusage()
    getrusage(0, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  /// Looks at a run's state now and then, as an operator does.
  private func look() async {
    let evaluator = EvaluatorServiceClient(head)
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = runs[0]
    while !Task.isCancelled {
      do throws(RPCError) {
        let began = ContinuousClock.now
        _ = try await evaluator.getRunState(request, CallOptions(timeout: .seconds(60)))
        tally.withLock { $0.looks.add(began.duration(to: .now)) }
      } catch {
        await refused(error)
      }
      try? await Task.sleep(for: .milliseconds(250))
    }
  }

  private func open(_ run: String) async throws {
    var request = EvaluatorV1.OpenRunRequest()
    request.runId = run
    request.taskName = "tiny-regression"
    request.lineageEnabled = true
    var arm = EvaluatorV1.Arm()
    arm.name = "scale"
    arm.members = (0..<ScaleServices.specialists).map { number in
      var member = EvaluatorV1.ArmMember()
      member.specialist = "s\(number)"
      member.partitions = ["opt"]
      return member
    }
    request.arm = arm
    _ = try await EvaluatorServiceClient(head).openRun(
      request, CallOptions(timeout: .seconds(60), waitForReady: true))
  }

  /// A session for each, so many at a time.
  private func connect(_ progress: @Sendable (String) -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      for (number, client) in (agents + runners).enumerated() {
        if running == 64 {
          try await group.next()
          running -= 1
        }
        group.addTask { _ = try await client.isHealthy(timeout: .seconds(60)) }
        running += 1
        if number > 0, number.isMultiple(of: 2000) { progress("\(number) sessions") }
      }
      try await group.waitForAll()
    }
  }

  private func accepting(_ run: String) async throws {
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = run
    let end = ContinuousClock.now + .seconds(240)
    while ContinuousClock.now < end {
      let answer: EvaluatorV1.GetRunStateResponse
      do throws(RPCError) {
        answer = try await EvaluatorServiceClient(head).getRunState(
          request, CallOptions(timeout: .seconds(60), waitForReady: true))
      } catch {
        guard error.code == .resourceExhausted else { throw error }
        await refused(error)
        continue
      }
      if answer.state?.phase == .accepting { return }
      if answer.state?.phase == .failed {
        throw BenchmarkFailure("the baseline was not measured: \(answer.state?.reason ?? "")")
      }
      try await Task.sleep(for: .milliseconds(250))
    }
    throw BenchmarkFailure("the baseline was not measured in 240 s: no runner got its jobs through")
  }

  private func refused(_ error: RPCError) async {
    guard error.code != .cancelled, !Task.isCancelled else { return }
    let name = error.reason.isEmpty ? error.code.description : error.reason
    tally.withLock { $0.figures.refused[name, default: 0] += 1 }
    try? await Task.sleep(for: .seconds(1))
  }

  // MARK: An agent

  private func research(_ number: Int, _ client: RPCClient) async {
    let evaluator = EvaluatorServiceClient(client)
    let run = runs[number / ScaleServices.specialists]
    let text = String(decoding: baseline["recipe.py"] ?? [], as: UTF8.self)
    var count = 0
    while !Task.isCancelled {
      let rate = "LR = 0.05\(number)\(count)1"
      guard
        let edited = try? RecipeTree(["recipe.py": Array(text.replacing("LR = 0.05", with: rate).utf8)]),
        let diff = try? UnifiedDiff.make(from: baseline, to: edited)
      else { return }
      var request = EvaluatorV1.SubmitTrialRequest()
      request.runId = run
      var proposal = AgentV1.Proposal()
      proposal.specialist = "s\(number % ScaleServices.specialists)"
      proposal.hypothesis = "It changes nothing that is measured here."
      proposal.edit = diff.bytes
      request.proposal = proposal
      do throws(RPCError) {
        let began = ContinuousClock.now
        var waiting = EvaluatorV1.WaitVerdictRequest()
        waiting.runId = run
        waiting.waitMs = 25_000
        waiting.trial = try await evaluator.submitTrial(
          request, CallOptions(timeout: .seconds(60), idempotencyKey: "\(number)-\(count)")
        ).trial
        let accepted = ContinuousClock.now
        tally.withLock { tally in
          tally.figures.submitted += 1
          tally.submits.add(began.duration(to: accepted))
        }
        count += 1
        await decided(waiting, evaluator, since: accepted)
      } catch {
        // The one recipe may have been accepted though its answer was lost.
        if error.reason == "DUPLICATE_RECIPE" { count += 1 }
        await refused(error)
      }
    }
  }

  private func decided(
    _ request: EvaluatorV1.WaitVerdictRequest, _ evaluator: EvaluatorServiceClient,
    since accepted: ContinuousClock.Instant
  ) async {
    while !Task.isCancelled {
      do throws(RPCError) {
        if try await evaluator.waitVerdict(request, CallOptions(timeout: .seconds(40))).decided {
          tally.withLock { tally in
            tally.figures.verdicts += 1
            tally.verdicts.add(accepted.duration(to: .now))
          }
          return
        }
      } catch {
        await refused(error)
      }
    }
  }

  // MARK: A runner

  private func work(_ number: Int, _ client: RPCClient, _ key: IdentityKey) async {
    let jobs = JobServiceClient(client)
    var request = RunnerV1.LeaseJobRequest()
    request.runner = "r\(number)/0"
    request.waitMs = UInt32(clamping: Int(wait * 1000))
    request.isolation = "simulated"
    request.memoryBytes = 1 << 30
    // Each host has a label of its own, as real ones do.
    request.labels = ["host=r\(number)"]
    while !Task.isCancelled {
      do throws(RPCError) {
        if let job = try await jobs.leaseJob(request, CallOptions(timeout: .seconds(40))).job {
          try await complete(job, request.runner, jobs, key)
        } else if wait == 0 {
          try? await Task.sleep(for: .seconds(1))
        }
      } catch {
        await refused(error)
      }
    }
  }

  /// Reports zeros as what the job left, with what an honest runner signs of it.
  private func complete(
    _ job: RunnerV1.Job, _ runner: String, _ jobs: JobServiceClient, _ key: IdentityKey
  ) async throws(RPCError) {
    var report = RunnerV1.CompleteJobRequest()
    report.jobId = job.jobId
    report.fencingToken = job.fencingToken
    report.runner = runner
    report.outcome = .exited
    report.wallNs = 1_000_000
    report.cpuNs = 1_000_000
    report.maxMemoryBytes = 1 << 20
    let inputs = job.files.filter { $0.path.hasPrefix("/inputs/") }.reduce(0) { $0 + Int($1.size) }
    let options = CallOptions(timeout: .seconds(60))
    for declared in job.outputs {
      // A prediction is a number for each input.
      let content = [UInt8](repeating: 0, count: declared.path.contains("predictions") ? inputs : 32)
      var put = RunnerV1.PutBlobRequest()
      put.jobId = job.jobId
      put.fencingToken = job.fencingToken
      put.digest = SHA256.hash(data: content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      put.size = UInt64(content.count)
      put.data = content
      _ = try await jobs.putBlob(put, options)
      var collected = RunnerV1.CollectedOutput()
      collected.path = declared.path
      collected.state = .present
      collected.size = put.size
      collected.digest = put.digest
      report.outputs.append(collected)
    }
    let now = Date()
    let statement = ProvenanceStatement(
      of: job, report, mounts: [:],
      host: .init(kernel: "simulated", cpu: "simulated", cores: [0], isolation: "simulated"),
      version: "scale", started: now, finished: now)
    guard let signed = try? statement.signed(with: key) else {
      throw RPCError(.internal, reason: "NOT_SIGNED", "the provenance cannot be signed")
    }
    report.provenance = signed
    _ = try await jobs.completeJob(
      report, CallOptions(timeout: .seconds(60), idempotencyKey: "\(job.jobId)/\(job.fencingToken)"))
  }
}
