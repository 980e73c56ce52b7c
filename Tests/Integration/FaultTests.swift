import Foundation
import Glibc
import Testing

/// Faults of real processes that the simulation can only imagine: a process that stands still, services that come back in every order, a
/// full disk, a link that is slow.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(10))) struct FaultTests {
  private static let programs = ["assay-lineage", "assay-evaluator", "assay-runner", "assay-agent"]

  /// The run has ended well: each verdict was told once, and is in the record, and none is our failure.
  private func expectWhole(_ run: Run, _ ended: Program.Ended, trials count: Int) async throws {
    #expect(ended.status == 0, "\(ended.errors.suffix(2000))")
    #expect(ended.rows.compactMap { $0["trial"] as? Int }.sorted() == Array(0...count))
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0...count))
    #expect(!trials.contains { ["in_flight", "harness_abort"].contains($0["label"] as? String ?? "") })
    let proofs = run.state + "-proofs"
    #expect(try await Program.assay("export", "--proofs", proofs, "--state", run.state).status == 0)
    #expect(try await Program.assay("verify", proofs).status == 0)
  }

  @Test("each service stands still for a while, the runner for longer than its lease: nobody is charged")
  func stopped() async throws {
    let run = Run()
    let running = try run.start("--trials", "16", "--max-time", "5m")
    for (index, program) in Self.programs.enumerated() {
      #expect(await running.output { $0.split(separator: "\n").count >= 2 * (index + 1) })
      let victims = run.pids(of: program)
      #expect(!victims.isEmpty)
      for victim in victims { kill(victim, SIGSTOP) }
      try await Task.sleep(for: .seconds(program == "assay-runner" ? 18 : 3))
      for victim in victims { kill(victim, SIGCONT) }
    }
    try await expectWhole(run, try await running.ended(), trials: 16)
  }

  /// A process of a program, once there is one that has been up for so long that its end is no failure to start; nil when the run is over
  /// before.
  private func victim(_ program: String, of run: Run, _ running: Running) async throws -> Int32? {
    while !running.isOver {
      if let pid = run.pids(of: program).first, let age = age(of: pid), age > 2.5 { return pid }
      try await Task.sleep(for: .milliseconds(50))
    }
    return nil
  }

  /// How long a process has been there, in seconds.
  private func age(of pid: Int32) -> Double? {
    guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let fields = line.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let started = Double(fields[19]),
      let up = try? String(contentsOfFile: "/proc/uptime", encoding: .utf8),
      let now = up.split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    return now - started / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Ends services one after the other, each once it is up. False when the run was over before all were ended.
  private func end(_ order: [String], by signal: Int32, of run: Run, _ running: Running) async throws -> Bool
  {
    for program in order {
      guard let pid = try await victim(program, of: run, running) else { return false }
      kill(pid, signal)
      try await Task.sleep(for: .milliseconds(150))
    }
    return true
  }

  @Test("services are asked to end, or killed, in each of their orders")
  func everyOrder() async throws {
    let (l, e, r) = (Self.programs[0], Self.programs[1], Self.programs[2])
    var orders = [[l, e, r], [l, r, e], [e, l, r], [e, r, l], [r, l, e], [r, e, l]].enumerated().map {
      ($0, $1)
    }
    // How many trials fit between two ends is the machine's affair: an order that a run was too short for is done in the next.
    while !orders.isEmpty {
      let run = Run()
      let running = try run.start("--trials", "30", "--max-time", "6m")
      #expect(await running.output { $0.split(separator: "\n").count >= 2 })
      var done = 0
      while let (index, order) = orders.first {
        let written = running.text().split(separator: "\n").count
        let signal = index.isMultiple(of: 2) ? SIGTERM : SIGKILL
        guard try await end(order, by: signal, of: run, running) else { break }
        orders.removeFirst()
        done += 1
        guard await running.output(fulfils: { $0.split(separator: "\n").count > written }) else { break }
      }
      #expect(done > 0, "a run is over before three services were ended once")
      try await expectWhole(run, try await running.ended(), trials: 30)
      try #require(done > 0)
    }
  }

  @Test(
    "the evaluator's disk is full, and then the runner's: what cannot be kept is refused, and nobody is charged",
    .enabled(if: geteuid() == 0, "a small file system needs a mount of root's"))
  func fullDisks() async throws {
    let task = try TaskCopy.make([TaskCopy.quick, TaskCopy.steady])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let small = try SmallDisks()
    defer { small.remove() }
    try await Site.with(
      task: task, runners: ["a"],
      prepare: { folder in try await small.mount(folder + "/evaluator", folder + "/a") }
    ) { site in
      let runner = try Running("assay-runner", try site.runnerArguments("a"))
      defer { runner.signal(SIGKILL) }
      try await site.open()
      try small.fill(site.folder + "/evaluator")
      // Tried until its time is up, and refused each time.
      await #expect(throws: (any Error).self) { _ = try await site.submit("1.1") }
      #expect(try await site.hosts().count == 1, "what needs no disk is answered")
      try small.free(site.folder + "/evaluator")
      let first = try await site.submit("1.1")
      #expect([.keep, .discard].contains(try await site.verdict(first).label))

      try small.fill(site.folder + "/a")
      let second = try await site.submit("1.2")
      while try await site.host("a")?.failuresAlone ?? 0 == 0, try await site.failures() == 0 {
        try await Task.sleep(for: .milliseconds(100))
      }
      try small.free(site.folder + "/a")
      let verdict = try await site.verdict(second)
      #expect([.keep, .discard].contains(verdict.label), "\(verdict.reason)")
    }
  }

  @Test("a runner behind a link of 64 KB a second with half a second of delay works, and loses no lease")
  func slowLink() async throws {
    let task = try TaskCopy.make([TaskCopy.quick, TaskCopy.steady])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let port = 20_000 + Int(getpid() % 20_000)
    try await Site.with(task: task, runners: ["a"], listen: "tcp://127.0.0.1:\(port)") { site in
      let link = try Running(
        "/usr/bin/python3",
        [
          Program.repository.appending(path: "Tests/Integration/Fixtures/slow_link.py").path, "\(port + 1)",
          "\(port)", "65536", "0.25",
        ])
      defer { link.signal(SIGKILL) }
      #expect(await link.output { $0.contains("ready") })
      let runner = try Running(
        "assay-runner", try site.runnerArguments("a", evaluator: "tcp://127.0.0.1:\(port + 1)"))
      defer { runner.signal(SIGKILL) }
      try await site.open()
      let verdict = try await site.verdict(try await site.submit("1.1"))
      #expect([.keep, .discard].contains(verdict.label), "\(verdict.reason)")
      #expect(try await site.failures() == 0)
    }
  }
}
