import AssayMessages
import Foundation
import Glibc
import Testing

/// A cluster whose scheduler runs trials as steps.
protocol TestCluster: Sendable {
  /// Our steps that run now: the scheduler's name of each, and its node.
  func steps() async throws -> [(job: String, node: String)]
  /// As an admin would.
  func cancel(_ job: String) async throws
  /// The node goes, and comes back without its steps.
  func failNode(_ node: String) async throws
  /// What the runner has to say when a step reached the cluster's own time limit; nil for a cluster without.
  var limitRemedy: String? { get }
  /// Gives a step that runs such a limit, which it reaches within some 90 s.
  func limit(_ job: String) async throws
}

extension TestCluster {
  var limitRemedy: String? { nil }
  func limit(_ job: String) async throws {}
}

/// What has to be so on every cluster: same sandbox, same labels; what a cluster does to a step is never charged to a recipe.
enum ClusterTrials {
  /// Trials of two seconds; nothing is confirmed.
  static func task() throws -> String {
    try TaskCopy.make([
      .init(
        "task.yaml", "  budget_seconds: 0.5\n  cpu_seconds: 1\n", "  budget_seconds: 2\n  cpu_seconds: 6\n"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 150"),
      .init("task.yaml", "baseline: 3, confirm: 3, final: 3", "baseline: 1, confirm: 0, final: 1"),
      TaskCopy.steady,
    ])
  }

  /// The first step of ours that runs and is not among `known`.
  static func nextStep(_ cluster: some TestCluster, after known: Set<String>) async throws -> (
    job: String, node: String
  ) {
    while true {
      if let step = try await cluster.steps().first(where: { !known.contains($0.job) }) { return step }
      await Task.yield()
    }
  }

  /// Twenty trials: one cancelled by an admin, one whose node fails, one over its time, one over its memory; then the runner stops.
  ///
  /// - Parameter name: of the site's runner, and of the launcher.
  static func run(
    _ name: String, on cluster: some TestCluster, options: [String], environment: [String: String] = [:]
  ) async throws {
    let task = try task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await Site.with(task: task, runners: [name]) { site in
      let runner = try Running(
        "assay-runner",
        try site.runnerArguments(name) + ["--launcher", name, "--slots", "3"] + options,
        environment: environment)
      defer { runner.signal(SIGKILL) }
      try await site.open()
      #expect(try await site.host(name)?.labels.contains("launcher=\(name)") == true)
      #expect(try await site.host(name)?.isolation.contains("namespaces yes") == true)

      // An admin cancels a step: the trial runs again, and has the verdict that it deserves.
      // Long enough to be found and ended in the middle, and within the task's CPU time.
      let busy = "for _ in range(120_000_000):\n    pass"
      var known = Set(try await cluster.steps().map(\.job))
      let cancelled = try await site.submit("1.001", training: busy)
      let step = try await nextStep(cluster, after: known)
      try await cluster.cancel(step.job)
      #expect(try await site.verdict(cancelled).label == .discard)

      // A node fails under a step.
      known.formUnion(try await cluster.steps().map(\.job) + [step.job])
      let stranded = try await site.submit("1.002", training: busy)
      let other = try await nextStep(cluster, after: known)
      try await cluster.failNode(other.node)
      #expect(try await site.verdict(stranded).label == .discard)

      // The cluster's own time limit, long before the task's: reached beside all that follows.
      known = Set(try await cluster.steps().map(\.job))
      let limit = cluster.limitRemedy
      if limit != nil {
        _ = try await site.submit("1.9", training: "import time; time.sleep(120)")
        try await cluster.limit(try await nextStep(cluster, after: known).job)
      }

      // Over its CPU time, over its memory, a crash; and honest work beside them.
      var expected: [UInt32: LineageV1.VerdictLabel] = [:]
      expected[try await site.submit("1.003", training: "while True:\n    pass")] = .trainBudgetOverrun
      expected[try await site.submit("1.004", training: "x = bytearray(1 << 30)")] = .crash
      expected[try await site.submit("1.005", training: "raise SystemExit(3)")] = .crash
      for number in 6...20 {
        expected[try await site.submit("1.0\(number < 10 ? "0" : "")\(number)")] = .discard
        // A specialist has four in flight, of which one is on its way to the limit.
        if expected.count % 3 == 0 {
          for trial in expected.keys.sorted() { _ = try await site.verdict(trial) }
        }
      }
      for (trial, label) in expected.sorted(by: { $0.key < $1.key }) {
        let verdict = try await site.verdict(trial)
        #expect(verdict.label == label, "trial \(trial): \(verdict.label) \(verdict.reason)")
      }
      #expect(expected.count == 18)
      if let limit {
        #expect(await runner.errors { $0.contains(limit) })
        // The runner says it before the evaluator knows.
        while try await site.failures() < 3 { try await site.pause() }
      }
      #expect(
        try await site.failures() == (limit == nil ? 2 : 3),
        "the cancelled step, the failed node, and the cluster's time limit")

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
