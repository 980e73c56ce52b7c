import AssayMessages
import Foundation
import Glibc
import Testing

/// Trials as steps of a real Slurm: same sandbox, same labels; what Slurm does to a step is never charged to a recipe.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(8))) struct SlurmTests {
  private func task() throws -> String {
    try TaskCopy.make([
      .init(
        "task.yaml", "  budget_seconds: 0.5\n  cpu_seconds: 1\n", "  budget_seconds: 2\n  cpu_seconds: 6\n"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 60"),
      .init("task.yaml", "baseline: 3, confirm: 3, final: 3", "baseline: 1, confirm: 0, final: 1"),
      TaskCopy.steady,
    ])
  }

  /// The first step of ours that runs and is not among `known`.
  private func nextStep(_ cluster: SlurmCluster, after known: Set<String>) async throws -> (
    job: String, node: String
  ) {
    while true {
      if let step = try await cluster.steps().first(where: { !known.contains($0.job) }) { return step }
      await Task.yield()
    }
  }

  @Test(
    "20 trials through srun: one cancelled by an admin, one whose node fails, one over its time; every label is right"
  )
  func trials() async throws {
    let task = try task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await SlurmCluster.with { cluster in
      try await Site.with(task: task, runners: ["slurm"]) { site in
        let runner = try Running(
          "assay-runner", try site.runnerArguments("slurm") + ["--launcher", "slurm", "--slots", "3"],
          environment: cluster.environment)
        defer { runner.signal(SIGKILL) }
        try await site.open()
        #expect(try await site.host("slurm")?.labels.contains("launcher=slurm") == true)
        #expect(try await site.host("slurm")?.isolation.contains("namespaces yes") == true)

        // An admin cancels a step: the trial runs again, and has the verdict that it deserves.
        let busy = "for _ in range(80_000_000):\n    pass"
        var known = Set(try await cluster.steps().map(\.job))
        let cancelled = try await site.submit("1.001", training: busy)
        let step = try await nextStep(cluster, after: known)
        try await cluster.run("scancel", step.job)
        #expect(try await site.verdict(cancelled).label == .discard)

        // A node fails under a step.
        known.formUnion(try await cluster.steps().map(\.job) + [step.job])
        let stranded = try await site.submit("1.002", training: busy)
        let other = try await nextStep(cluster, after: known)
        try await cluster.run("scontrol", "update", "nodename=\(other.node)", "state=down", "reason=test")
        #expect(try await site.verdict(stranded).label == .discard)
        try await cluster.run("scontrol", "update", "nodename=\(other.node)", "state=resume")

        // Over its CPU time, over its memory, a crash; and honest work beside them.
        var expected: [UInt32: LineageV1.VerdictLabel] = [:]
        expected[try await site.submit("1.003", training: "while True:\n    pass")] = .trainBudgetOverrun
        expected[try await site.submit("1.004", training: "x = bytearray(1 << 30)")] = .crash
        expected[try await site.submit("1.005", training: "raise SystemExit(3)")] = .crash
        for number in 6...20 {
          expected[try await site.submit("1.0\(number < 10 ? "0" : "")\(number)")] = .discard
          // A specialist has so many in flight.
          if expected.count % 4 == 0 {
            for trial in expected.keys.sorted() { _ = try await site.verdict(trial) }
          }
        }
        for (trial, label) in expected.sorted(by: { $0.key < $1.key }) {
          let verdict = try await site.verdict(trial)
          #expect(verdict.label == label, "trial \(trial): \(verdict.label) \(verdict.reason)")
        }
        #expect(expected.count == 18)
        let host = try #require(try await site.host("slurm"))
        #expect(host.failures == 2, "the cancelled step and the failed node")

        // A runner that stops takes its steps along.
        known = Set(try await cluster.steps().map(\.job))
        _ = try await site.submit("1.5", training: "for _ in range(10**9):\n    pass")
        let last = try await nextStep(cluster, after: known)
        runner.signal(SIGTERM)
        #expect(try await runner.ended().status == 0)
        #expect(try await !cluster.steps().map(\.job).contains(last.job))
      }
    }
  }

  @Test("what Slurm can never run is a failure of ours that says what to compare")
  func refused() async throws {
    let task = try task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await SlurmCluster.with { cluster in
      try await Site.with(task: task, runners: ["slurm"]) { site in
        // The task's 60 s and the grace are more than this partition's minute.
        let runner = try Running(
          "assay-runner",
          try site.runnerArguments("slurm") + ["--launcher", "slurm", "--slurm-partition", "short"],
          environment: cluster.environment)
        let ended = try await runner.ended()
        #expect(ended.status == 3)
        #expect(
          ended.errors.contains("compare what the task asks for with the partition's limits"),
          "\(ended.errors)")
      }
    }
    let bare = try Running(
      "assay-runner",
      [
        "--evaluator", "ipc:///nowhere", "--evaluator-key", "assay-ed25519:AAAA", "--key", "/nowhere",
        "--state",
        "/tmp/assay-nowhere", "--launcher", "slurm",
      ], environment: ["PATH": "/nowhere"])
    #expect(try await bare.ended().status == 3)
  }
}
