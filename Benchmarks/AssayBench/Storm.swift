import ArgumentParser
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServiceHost
import AssayServices
import AssaySupervisor
import Foundation
import Glibc
import Synchronization

/// Calls by the million to a lineage that is killed and stopped at random all the while.
struct Storm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Call a lineage that is killed at random: every call ends, every effect happens once, memory stays flat."
  )

  @Option(help: "How many calls.")
  var calls: Int = 1_000_000

  @Option(help: "Callers at the same time.")
  var callers: Int = 32

  @Option(help: "One call in so many appends to the record, and is repeated until it is acknowledged.")
  var effects: Int = 20

  @Option(help: "Mean seconds between two kills; one in five is a stop of a second instead.")
  var pause: Double = 2

  /// What the tasks of one storm share.
  private final class Progress: Sendable {
    let tally = Mutex(Tally())
    let kills = Atomic(0)
  }

  private struct Tally {
    var started = 0
    var ended = 0
    var statuses: [String: Int] = [:]
    /// Events that acknowledged effects have, and how often an effect was sent.
    var acknowledged: Set<UInt64> = []
    var attempts = 0
    /// Resident memory after each twentieth of the calls, in MiB.
    var memory: [Double] = []
  }

  func validate() throws {
    if calls < 100 || callers < 1 || effects < 1 || pause <= 0 {
      throw ValidationError(
        "--calls must be at least 100; --callers, --effects and --pause must be positive.")
    }
  }

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-storm-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (server, caller) = (IdentityKey(), IdentityKey())
    try server.save(to: folder.path + "/lineage.key")
    try TrustStore([.init(name: "operator", roles: [.operator], identity: caller.publicIdentity)])
      .save(to: folder.path + "/trust.json")
    let address = "ipc://\(folder.path)/l.sock"
    let lineage = StartedProgram(
      executable: try Executables.locate("assay-lineage"),
      arguments: [
        "--listen", address, "--key", folder.path + "/lineage.key", "--trust", folder.path + "/trust.json",
        "--state", folder.path + "/record", "--log-level", "error",
      ], log: folder.appending(path: "lineage.log"))
    try lineage.start()
    let client = try ServiceDialing.client(address, server: server.publicIdentity, as: caller)
    defer { client.close() }
    let service = LineageServiceClient(client)
    try await register(service, evaluator: server.publicIdentity)
    let progress = Progress()
    let began = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await kill(lineage, progress) }
      group.addTask {
        try await withThrowingTaskGroup(of: Void.self) { callers in
          for _ in 0..<self.callers { callers.addTask { try await self.call(service, progress) } }
          try await callers.waitForAll()
        }
      }
      // The callers end; the killing goes on until then.
      try await group.next()
      group.cancelAll()
    }
    await lineage.stop()
    try lineage.start()
    let events = try await insights(service)
    await lineage.stop()
    let result = progress.tally.withLock { $0 }
    let expected = calls / effects
    report(
      "\(result.ended) calls in \(began.duration(to: .now).formatted()), \(progress.kills.load(ordering: .relaxed)) kills and stops"
    )
    report(
      "statuses: \(result.statuses.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
    )
    report(
      "effects: \(expected) wanted, \(result.acknowledged.count) acknowledged after \(result.attempts) attempts, \(events.count) in the record"
    )
    report("memory, MiB: \(result.memory.map { cell($0, 1) }.joined(separator: " "))")
    guard result.ended == calls, result.statuses.values.reduce(0, +) == calls else {
      throw SupervisorError(.negative, "a call did not end")
    }
    guard events.count == expected, Set(events) == result.acknowledged else {
      throw SupervisorError(.negative, "an effect happened twice, or not at all")
    }
    // What it takes after a quarter of the calls is what it takes.
    let settled = result.memory.dropFirst(result.memory.count / 4).first ?? 0
    guard (result.memory.last ?? 0) < settled * 1.25 + 8 else {
      throw SupervisorError(
        .negative, "memory grew from \(cell(settled, 1)) to \(cell(result.memory.last ?? 0, 1)) MiB")
    }
  }

  private func register(_ service: LineageServiceClient, evaluator: PublicIdentity) async throws {
    var request = LineageV1.RegisterRunRequest()
    request.run = LineageV1.Run()
    request.run?.runId = "storm"
    request.run?.metric = LineageV1.Metric()
    request.run?.metric?.direction = .minimize
    request.run?.evaluatorKey = evaluator.bytes
    _ = try await service.registerRun(request, CallOptions(timeout: .seconds(30), waitForReady: true))
  }

  // MARK: Callers

  private func call(_ service: LineageServiceClient, _ progress: Progress) async throws {
    while true {
      let number = progress.tally.withLock { tally in
        tally.started += 1
        return tally.started
      }
      guard number <= calls else { return }
      let status =
        number.isMultiple(of: effects)
        ? try await append(service, number, progress) : await read(service, number)
      progress.tally.withLock { tally in
        tally.ended += 1
        tally.statuses[status.description, default: 0] += 1
        if tally.ended.isMultiple(of: calls / 20) { tally.memory.append(Self.residentMemory) }
      }
    }
  }

  /// A call that changes nothing; whatever it ends with is an end.
  private func read(_ service: LineageServiceClient, _ number: Int) async -> RPCStatus {
    do throws(RPCError) {
      let options = CallOptions(timeout: .seconds(10))
      if number.isMultiple(of: 3) {
        var request = LineageV1.SummarizeRequest()
        request.runId = "storm"
        _ = try await service.summarize(request, options)
      } else {
        var request = LineageV1.GetRunRequest()
        request.runId = "storm"
        _ = try await service.getRun(request, options)
      }
      return .ok
    } catch {
      return error.code
    }
  }

  /// An effect, sent until it is acknowledged.
  private func append(_ service: LineageServiceClient, _ number: Int, _ progress: Progress)
    async throws
    -> RPCStatus
  {
    var request = LineageV1.AppendInsightRequest()
    request.runId = "storm"
    request.insight = AgentV1.Insight()
    request.insight?.specialist = "opt"
    request.insight?.text = "effect \(number)"
    while true {
      progress.tally.withLock { $0.attempts += 1 }
      do throws(RPCError) {
        let sequence = try await service.appendInsight(request, CallOptions(timeout: .seconds(10))).sequence
        progress.tally.withLock { _ = $0.acknowledged.insert(sequence) }
        return .ok
      } catch {
        guard [.unavailable, .deadlineExceeded, .resourceExhausted, .unauthenticated].contains(error.code)
        else {
          throw error
        }
      }
    }
  }

  private func insights(_ service: LineageServiceClient) async throws -> [UInt64] {
    var request = LineageV1.GetRunRequest()
    request.runId = "storm"
    let last = try await service.getRun(request, CallOptions(timeout: .seconds(30), waitForReady: true))
      .sequence
    var follow = LineageV1.FollowEventsRequest()
    follow.runId = "storm"
    var seen: [UInt64] = []
    for try await element in service.followEvents(follow) {
      if let event = element.message.event, event.kind == .insightRecorded { seen.append(event.sequence) }
      if element.sequence >= last { break }
    }
    return seen
  }

  // MARK: Kills

  private func kill(_ lineage: StartedProgram, _ progress: Progress) async throws {
    while !Task.isCancelled {
      try await Task.sleep(for: .seconds(pause * Double.random(in: 0.3...1.7)))
      progress.kills.add(1, ordering: .relaxed)
      guard Int.random(in: 0..<5) > 0 else {
        lineage.signal(SIGSTOP)
        try? await Task.sleep(for: .seconds(1))
        lineage.signal(SIGCONT)
        continue
      }
      lineage.signal(SIGKILL)
      await lineage.ended()
      try lineage.start()
    }
  }

  private static var residentMemory: Double {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
  }
}
