import AssayIdentity
import AssayMessages
import AssayVerdict
import Foundation
import Glibc
import Testing

/// What has to be so on every cluster whose scheduler gives GPUs: two nodes with two each.
enum ClusterGPUs {
  static let nodes = ["n0", "n1"]

  /// A node's GPUs, as the stand-in for the driver reads them.
  static func state(of node: String) -> String {
    "gpu GPU-\(node)a NVIDIA_H100 81559 9.0 0 0\ngpu GPU-\(node)b NVIDIA_H100 81559 9.0 1 0\n"
  }

  /// Jobs of so many GPUs, which say what they see, and take two seconds.
  static func task(gpus: Int) throws -> String {
    try TaskCopy.make([
      TaskCopy.quick,
      .init(
        "task.yaml", "cores: 1}",
        "cores: 1, gpus: {count: \(gpus), memory_mb: 40000, compute_capability: \"9.0\"}}"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 60"),
      .init(
        "harness/train.py", "import recipe  # noqa: E402\n",
        """
        import recipe  # noqa: E402
        import time

        print("GPU", os.environ["CUDA_VISIBLE_DEVICES"], sorted(n for n in os.listdir("/dev") if n[6:].isdigit()))
        time.sleep(2)

        """),
    ])
  }

  /// Four trials of two GPUs each by three slots: each has a whole node, a third waits at the scheduler, no GPU has two; what the runner
  /// signs has their UUIDs. Then its host is drained, and nothing runs on.
  ///
  /// - Parameters:
  ///   - name: of the site's runner, and of the launcher.
  ///   - kind: the scheduler's name of the GPUs.
  ///   - total: how many the runner says that there are, 0 where it cannot know.
  ///   - more: is called before the host is drained.
  static func run(
    _ name: String, on cluster: some TestCluster, kind: String, total: UInt32, options: [String],
    environment: [String: String] = [:], more: (Site) async throws -> Void = { _ in }
  ) async throws {
    let task = try task(gpus: 2)
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await Site.with(task: task, runners: [name]) { site in
      let runner = try Running(
        "assay-runner",
        try site.runnerArguments(name) + ["--launcher", name, "--slots", "3"] + options,
        environment: environment)
      defer { runner.signal(SIGKILL) }
      try await site.open()
      let offered = try #require(try await site.host(name)?.gpus)
      #expect(offered.map(\.uuid) == [kind] && offered.map(\.model) == ["NVIDIA H100"], "\(offered)")
      #expect(offered.map(\.scheduled?.perNode) == [2] && offered.map(\.scheduled?.total) == [total])

      var trials: [UInt32] = []
      for number in 1...4 { trials.append(try await site.submit("1.0\(number)")) }
      var asked: UInt32 = 0
      for _ in 0..<200 where asked < 6 {
        asked = try await site.host(name)?.gpusHeld ?? 0
        try await site.pause()
      }
      #expect(asked == 6, "more are asked for than the four that there are")

      var uses: [String: [(start: String, end: String, of: String)]] = [:]
      for trial in trials {
        let verdict = try await site.verdict(trial)
        #expect(verdict.label == .discard || verdict.label == .keep, "\(verdict.reason)")
        let answer = try await site.lineage(of: trial)
        for envelope in answer.provenance {
          let statement = try ProvenanceStatement.verified(
            envelope: envelope, key: try site.key("runner-\(name)").publicIdentity)
          let phase = statement.definition.externalParameters.phase
          let uuids = try #require(statement.host.gpus).map(\.uuid)
          #expect(nodes.contains { uuids == ["GPU-\($0)a", "GPU-\($0)b"] }, "both of one node: \(uuids)")
          #expect(statement.host.gpus?.allSatisfy { $0.samples > 0 && $0.model == "NVIDIA H100" } == true)
          for uuid in uuids {
            uses[uuid, default: []].append((statement.started, statement.finished, "\(trial) \(phase)"))
          }
          if phase == "train" {
            #expect(
              answer.record?.logExcerpt.contains(
                "GPU \(uuids.joined(separator: ",")) ['nvidia0', 'nvidia1']") == true,
              "\(answer.record?.logExcerpt ?? "")")
          }
        }
      }
      for (uuid, jobs) in uses {
        let sorted = jobs.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        // Whole seconds, and a training takes two: what overlaps shows.
        for (first, second) in zip(sorted, sorted.dropFirst()) {
          #expect(first.end <= second.start, "\(uuid): \(first) and \(second)")
        }
      }
      #expect(uses.count == 4, "both nodes worked: \(uses.keys.sorted())")
      #expect(try await site.failures() == 0)

      try await more(site)

      // Nobody wants it any more: its step goes.
      let known = Set(try await cluster.steps().map(\.job))
      _ = try await site.submit("1.5", training: "while True:\n    pass")
      while try await cluster.steps().allSatisfy({ known.contains($0.job) }) { await Task.yield() }
      try await site.set(name, .drained)
      while try await !cluster.steps().isEmpty { await Task.yield() }
    }
  }

  /// A node `n0` that has become busy costs one job one attempt, and gets no other.
  static func leavesAlone(_ site: Site) async throws {
    for number in 1...3 {
      let trial = try await site.submit("1.1\(number)")
      let verdict = try await site.verdict(trial)
      #expect([.keep, .discard].contains(verdict.label), "\(verdict.reason)")
      let log = try await site.lineage(of: trial).record?.logExcerpt ?? ""
      #expect(log.contains("GPU GPU-n1a,GPU-n1b"), "\(log)")
    }
    #expect(try await site.failures() == 1, "the job that found the stranger, once")
  }

  /// A job of more GPUs than a node has is given to nobody, and said to wait.
  static func lacking(
    _ name: String, options: [String], environment: [String: String] = [:]
  ) async throws {
    let task = try task(gpus: 3)
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await Site.with(task: task, runners: [name]) { site in
      let runner = try Running(
        "assay-runner", try site.runnerArguments(name) + ["--launcher", name] + options,
        environment: environment)
      defer { runner.signal(SIGKILL) }
      try await site.begin()
      while try await site.host(name)?.gpus.first?.model != "NVIDIA H100" { try await site.pause() }
      let unmet = try await site.unmet()
      #expect(unmet.map(\.gpus?.count) == [3] && unmet.first?.jobs ?? 0 > 0, "\(unmet)")
      #expect(try await site.failures() == 0)
    }
  }
}
