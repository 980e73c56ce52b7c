import AssayRPC
import Foundation
import Glibc
import Testing

/// Disks that fail and clocks that are set, in real processes.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(10))) struct DiskAndClockTests {
  private static let services = ["assay-lineage", "assay-evaluator", "assay-runner"]

  /// The run has ended well: each verdict was told once, and is in the record, none is our failure, and no time goes back.
  private func expectWhole(_ run: Run, _ ended: Program.Ended, trials count: Int) async throws {
    #expect(ended.status == 0, "\(ended.errors.suffix(2000))")
    #expect(ended.rows.compactMap { $0["trial"] as? Int }.sorted() == Array(0...count))
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0...count))
    #expect(!trials.contains { ["in_flight", "harness_abort"].contains($0["label"] as? String ?? "") })
    let submitted = trials.compactMap { $0["submitted_at"] as? String }
    let decided = trials.compactMap { $0["decided_at"] as? String }
    #expect(submitted.count == count + 1 && decided.count == count + 1)
    #expect(submitted == submitted.sorted(), "a time in the record goes back")
    #expect(!zip(submitted, decided).contains { $0 > $1 }, "a verdict is older than its trial")
    let proofs = run.state + "-proofs"
    #expect(try await Program.assay("export", "--proofs", proofs, "--state", run.state).status == 0)
    #expect(try await Program.assay("verify", proofs).status == 0)
  }

  private func log(_ run: Run, _ program: String) -> String {
    let name = program.replacing("assay-", with: "")
    return (try? String(contentsOfFile: "\(run.state)/logs/\(name).log", encoding: .utf8)) ?? ""
  }

  /// Waits for something that a run does, for as long as it runs. False when it was over first.
  private func wait(_ running: Running, for condition: () -> Bool) async throws -> Bool {
    while !condition() {
      if running.isOver { return condition() }
      try await Task.sleep(for: .milliseconds(20))
    }
    return true
  }

  @Test(
    "the disk of each service fails for a while: what could not be kept is refused, and nobody is charged")
  func failingDisks() async throws {
    let faults = try InjectedFaults(Self.services)
    defer { faults.remove() }
    var left = Self.services
    // How many trials fit beside the faults is the machine's affair: what a run was too short for is done in the next.
    while !left.isEmpty {
      let run = Run()
      let running = try run.start(
        "--trials", "14", "--max-time", "6m", environment: ["ASSAY_BIN": faults.programs])
      #expect(await running.output { $0.split(separator: "\n").count >= 2 })
      let before = left.count
      while let program = left.first {
        let written = running.text().split(separator: "\n").count
        guard try await fail(program, faults, run, running) else { break }
        left.removeFirst()
        guard await running.output(fulfils: { $0.split(separator: "\n").count > written }) else { break }
      }
      try await expectWhole(run, try await running.ended(), trials: 14)
      try #require(left.count < before, "a run is over before the disk of one service failed")
    }
  }

  /// Lets a service's disk fail until that was seen, kills it, and lets its disk fail while it starts again. False when the run was over
  /// first.
  private func fail(_ program: String, _ faults: InjectedFaults, _ run: Run, _ running: Running) async throws
    -> Bool
  {
    let control = try faults.of(program)
    control.concern("\(run.state)/\(program.replacing("assay-", with: ""))")
    let (hits, said) = (control.hits, log(run, program).utf8.count)
    let words = program == "assay-runner" ? "for a reason of this host's" : "cannot be used"
    control.arm(.changing, permille: 400, short: 200)
    defer { control.disarm() }
    guard
      try await wait(
        running,
        for: {
          control.hits >= hits + 6
            && String(decoding: log(run, program).utf8.dropFirst(said), as: UTF8.self).contains(words)
        })
    else { return false }
    guard let victim = run.pids(of: program).first else { return false }
    // Two more, so that it does not fail to start often enough to be given up.
    control.arm(.changing, permille: 400, left: 2)
    kill(victim, SIGKILL)
    return try await wait(running, for: { run.pids(of: program).contains { $0 != victim } })
  }

  /// A change of one program's wall clock.
  private struct Change {
    var program: String
    var hours: Int64
    /// Whether the program is killed then, and begins anew with that clock.
    var kills = false
  }

  @Test(
    "clocks are set forward and back by hours, of each service, which is killed meanwhile: nothing ends for it"
  )
  func clocks() async throws {
    let faults = try InjectedFaults(Self.services + ["assay-agent"])
    defer { faults.remove() }
    let evaluator = "assay-evaluator"
    // Forward, then back beyond what it was, then right again.
    let jumps: [Int64] = [3, -5, 0]
    var left = jumps.map { Change(program: evaluator, hours: $0) }
    left += jumps.map { Change(program: evaluator, hours: $0, kills: true) }
    for program in ["assay-lineage", "assay-runner", "assay-agent"] {
      left += jumps.map { Change(program: program, hours: $0) }
    }
    // How many trials fit between two changes is the machine's affair: what a run was too short for is done in the next.
    while !left.isEmpty {
      for program in Self.services + ["assay-agent"] { try faults.of(program).setClock(seconds: 0) }
      let run = Run()
      // The time of the run is shorter than any jump.
      let running = try run.start(
        "--trials", "18", "--max-time", "10m", environment: ["ASSAY_BIN": faults.programs])
      let before = left.count
      var (lines, beganAhead) = (2, false)
      while let change = left.first,
        await running.output(fulfils: { $0.split(separator: "\n").count >= lines })
      {
        lines = running.text().split(separator: "\n").count + 1
        try faults.of(change.program).setClock(seconds: change.hours * 3600)
        if change.kills, let victim = run.pids(of: change.program).first {
          kill(victim, SIGKILL)
          let isBack = try await wait(
            running, for: { run.pids(of: change.program).contains { $0 != victim } })
          guard isBack else { break }
          beganAhead = beganAhead || change.hours > 0
        }
        left.removeFirst()
      }
      try await expectWhole(run, try await running.ended(), trials: 18)
      #expect(!log(run, "assay-runner").contains("lost the lease"))
      if beganAhead { #expect(log(run, evaluator).contains("clock was set forward by")) }
      try #require(left.count < before, "a run is over before a clock was set")
    }
  }

  @Test(
    "a record whose commit the disk refused is refused; found after a restart, it is on disk before it counts"
  )
  func failingSync() async throws {
    let faults = try InjectedFaults(["assay-lineage"])
    defer { faults.remove() }
    let control = try faults.of("assay-lineage")
    let kept = faults.folder + "/kept"
    try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
    let port = 41_000 + Int(getpid() % 20_000)
    let lineage = try await LineageProcess.start(
      options: ["--metrics", "127.0.0.1:\(port)"], environment: try faults.environment(of: "assay-lineage")
    ) { state in
      control.concern(state)
      control.keep(in: kept)
    }
    defer { lineage.remove() }
    try await lineage.register("r")
    try await lineage.append("one", to: "r")
    #expect(try await ready(port) == 200)

    control.concern(lineage.state, part: "-wal")
    control.arm(.sync)
    let refusal = await #expect(throws: RPCError.self) { try await lineage.append("two", to: "r") }
    #expect(refusal?.reason == "STATE_UNAVAILABLE", "\(String(describing: refusal))")
    #expect(control.hits > 0)
    #expect(try await ready(port) == 503)
    #expect(try await lineage.lessons(of: "r") == 1, "what was refused is not shown")
    #expect(await lineage.errors { $0.contains("the record cannot be used") })

    // The kernel still has what it could not write, and takes it for written.
    control.disarm()
    control.concern(lineage.state)
    let again = try await lineage.killed(environment: try faults.environment(of: "assay-lineage"))
    defer { again.remove() }
    try await again.append("two", to: "r")
    try await again.append("three", to: "r")
    #expect(try await again.lessons(of: "r") == 3)

    // The power fails.
    again.signal(SIGKILL)
    let survivor = try await again.reborn(from: kept)
    defer { survivor.remove() }
    #expect(try await survivor.lessons(of: "r") == 3, "what was acknowledged is gone with the power")
  }

  private func ready(_ port: Int) async throws -> Int {
    let program = """
      import sys, urllib.request, urllib.error
      try: print(urllib.request.urlopen(sys.argv[1], timeout=20).status)
      except urllib.error.HTTPError as error: print(error.code)
      """
    let ended = try await Program.run(
      "/usr/bin/python3", ["-c", program, "http://127.0.0.1:\(port)/readyz"])
    return try #require(Int(ended.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(ended.errors)")
  }

  @Test("a call whose server stands still ends in its time, though the clock was set back meanwhile")
  func callAndClock() async throws {
    let faults = try InjectedFaults(["assay"])
    defer { faults.remove() }
    let control = try faults.of("assay")
    let run = Run()
    let running = try run.start("--trials", "100000", "--max-time", "5m")
    #expect(await running.output { $0.split(separator: "\n").count >= 1 })
    let victim = try #require(run.pids(of: "assay-lineage").first)
    kill(victim, SIGSTOP)
    let call = try Running(
      "assay",
      [
        "rpc", "call", "LineageService/ListRuns", "--server", "lineage", "--timeout", "4", "--state",
        run.state,
      ],
      environment: try faults.environment(of: "assay"))
    // It waits by now; were it slower, its time would begin later.
    try await Task.sleep(for: .seconds(2))
    control.setClock(seconds: -5 * 3600)
    let ended = try await withThrowingTaskGroup(of: Program.Ended?.self) { group in
      group.addTask { try await call.ended() }
      group.addTask {
        if (try? await Task.sleep(for: .seconds(60))) != nil { call.signal(SIGKILL) }
        return nil
      }
      var ended: Program.Ended?
      while ended == nil, let next = try await group.next() { ended = next }
      group.cancelAll()
      return ended
    }
    kill(victim, SIGCONT)
    running.signal(SIGINT)
    #expect(ended?.status == 3, "it ended only when it was killed: \(ended?.errors ?? "")")
    _ = try await running.ended()
  }
}
