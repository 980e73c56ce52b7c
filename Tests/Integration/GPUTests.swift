import AssayGPUTesting
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import Glibc
import Testing

/// Jobs with GPUs on two hosts, each with a driver that a stand-in plays and device nodes of its own.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct GPUTests {
  private static let names = ["g1", "g2"]

  /// A host's GPUs, as the stand-in reads them.
  private static func state(_ name: String, model: String = "NVIDIA_H100") -> String {
    "gpu GPU-\(name)a \(model) 81559 9.0 0 0\ngpu GPU-\(name)b \(model) 81559 9.0 1 0\n"
  }

  /// What a task needs that one GPU is enough for.
  private static let oneGPU = TaskCopy.Change(
    "task.yaml", "cores: 1}", "cores: 1, gpus: {count: 1, memory_mb: 40000, compute_capability: \"9.0\"}}")

  private func start(_ name: String, _ site: Site, _ nvml: StandInNVML) throws -> Running {
    let words =
      OwnDevices.prefix(gpus: [0, 1]) + [Program.folder.appending(path: "assay-runner").path]
      + (try site.runnerArguments(name)) + ["--slots", "2", "--nvml", nvml.path]
    return try Running(words[0], Array(words.dropFirst()))
  }

  @Test(
    "two trials at a time on each of two hosts, one of which is killed amid them: each trial has a GPU of its own, by its UUID, signed, and no two leases of one overlap"
  )
  func leases() async throws {
    let task = try TaskCopy.make([
      TaskCopy.quick,
      Self.oneGPU,
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
    defer { try? FileManager.default.removeItem(atPath: task) }
    let drivers = try Self.names.map { try StandInNVML(Self.state($0)) }
    try await Site.with(task: task, runners: Self.names) { site in
      var runners = try zip(Self.names, drivers).map { try start($0, site, $1) }
      defer { for runner in runners { runner.signal(SIGKILL) } }
      try await site.open()
      var trials: [UInt32] = []
      for number in 1...6 { trials.append(try await site.submit("1.0\(number)")) }
      var held: UInt32 = 0
      for _ in 0..<100 where held < 4 {
        held = try await site.hosts().reduce(0) { $0 + $1.gpusHeld }
        try await site.pause()
      }
      #expect(held == 4, "all four are in use at once")
      runners[0].signal(SIGKILL)
      runners[0] = try start("g1", site, drivers[0])

      var leases: [String: [(start: String, end: String, of: String)]] = [:]
      for trial in trials {
        let verdict = try await site.verdict(trial)
        #expect(verdict.label == .discard || verdict.label == .keep, "\(verdict.reason)")
        let answer = try await site.lineage(of: trial)
        let statements = try answer.provenance.map { envelope in
          try #require(
            Self.names.lazy.compactMap { name in
              try? ProvenanceStatement.verified(
                envelope: envelope, key: try site.key("runner-\(name)").publicIdentity)
            }.first)
        }
        #expect(Set(statements.map(\.definition.externalParameters.phase)) == ["train", "predict"])
        for statement in statements {
          let phase = statement.definition.externalParameters.phase
          let gpu = try #require(statement.host.gpus?.first)
          #expect(statement.host.gpus?.count == 1)
          #expect(gpu.uuid.hasPrefix("GPU-\(statement.result.runner.prefix(2))"), "a GPU of its own host")
          leases[gpu.uuid, default: []].append((statement.started, statement.finished, "\(trial) \(phase)"))
          if phase == "train" {
            let node = gpu.uuid.hasSuffix("a") ? 0 : 1
            #expect(
              answer.record?.logExcerpt.contains("GPU \(gpu.uuid) ['nvidia\(node)']") == true,
              "\(answer.record?.logExcerpt ?? "")"
            )
          }
        }
      }
      for (uuid, jobs) in leases {
        let sorted = jobs.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        // Whole seconds, and a training takes two: what overlaps shows.
        for (first, second) in zip(sorted, sorted.dropFirst()) {
          #expect(first.end <= second.start, "\(uuid): \(first) and \(second)")
        }
      }
      #expect(Set(leases.keys).isSubset(of: ["GPU-g1a", "GPU-g1b", "GPU-g2a", "GPU-g2b"]))
      #expect(leases.count >= 3, "\(leases.keys.sorted())")

      // A stranger on all but one GPU: that one gets the trial.
      try drivers[0].set(Self.state("g1") + "busy GPU-g1a 1 50 700\nbusy GPU-g1b 1 50 700\n")
      try drivers[1].set(Self.state("g2") + "busy GPU-g2a 1 50 700\n")
      let last = try await site.submit("1.07")
      #expect([.keep, .discard].contains(try await site.verdict(last).label))
      let used = try await site.lineage(of: last)
      #expect(
        used.record?.logExcerpt.contains("GPU GPU-g2b ['nvidia1']") == true,
        "\(used.record?.logExcerpt ?? "")")
      var reasons: [String] = []
      for _ in 0..<200 where reasons.count < 3 {
        reasons = try await site.hosts().flatMap(\.gpus).map(\.outOfService).filter { !$0.isEmpty }
        try await site.pause()
      }
      #expect(reasons == Array(repeating: "process 1, which is no job's, uses it", count: 3))
    }
  }

  @Test(
    "a run's jobs all go to GPUs of the model of its first; while none is there they wait, and the fleet says for what"
  )
  func oneModel() async throws {
    let task = try TaskCopy.make([TaskCopy.quick, Self.oneGPU])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let models = ["h1": "NVIDIA_H100", "a": "NVIDIA_A100", "h2": "NVIDIA_H100"]
    let drivers = try models.map { try ($0, StandInNVML(Self.state($0, model: $1))) }
    let driver = Dictionary(uniqueKeysWithValues: drivers)
    try await Site.with(task: task, runners: models.keys.sorted()) { site in
      var runners = [try start("h1", site, #require(driver["h1"]))]
      defer { for runner in runners { runner.signal(SIGKILL) } }
      try await site.open()
      runners.append(try start("a", site, #require(driver["a"])))
      while try await site.host("a") == nil { try await site.pause() }
      var trials: [UInt32] = []
      for factor in ["1.01", "1.02"] { trials.append(try await site.submit(factor)) }
      for trial in trials { _ = try await site.verdict(trial) }

      runners[0].signal(SIGKILL)
      // Whoever does not call any more counts as there for two minutes.
      try await site.set("h1", .cordoned)
      trials.append(try await site.submit("1.03"))
      var unmet: [RunnerV1.UnmetNeed] = []
      while unmet.isEmpty {
        unmet = try await site.fleet.listRunners(.init(), CallOptions(timeout: .seconds(10))).unmet
        try await site.pause()
      }
      #expect(unmet.map(\.gpus?.model) == ["NVIDIA H100"])
      runners.append(try start("h2", site, #require(driver["h2"])))
      _ = try await site.verdict(trials[2])

      for (trial, name) in zip(trials, ["h1", "h1", "h2"]) {
        let answer = try await site.lineage(of: trial)
        let statement = try VerdictStatement.verified(
          envelope: answer.record?.envelope ?? [], key: site.key("evaluator").publicIdentity)
        for envelope in answer.provenance {
          let job = try ProvenanceStatement.verified(
            envelope: envelope, key: site.key("runner-\(name)").publicIdentity)
          #expect(job.host.gpus?.map(\.model) == ["NVIDIA H100"])
          #expect(statement.facts.hardware == "\(job.host.cpu), NVIDIA H100")
        }
      }
      #expect(try await site.host("a")?.jobsDone == 0)
    }
  }

  @Test(
    "an error that the recipe's own kernel caused is its crash, tried once; one of the device's is nobody's: the job goes again on another GPU"
  )
  func xids() async throws {
    let task = try TaskCopy.make([
      TaskCopy.quick,
      .init("task.yaml", "cores: 1}", "cores: 1, gpus: {count: 1}}"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 60"),
      .init(
        "harness/train.py", "import recipe  # noqa: E402\n",
        "import recipe  # noqa: E402\nimport time\n\ntime.sleep(4)\n"),
    ])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let nvml = try StandInNVML(Self.state("g1"))
    try await Site.with(task: task, runners: ["g1"]) { site in
      let runner = try start("g1", site, nvml)
      defer { runner.signal(SIGKILL) }
      try await site.open()
      /// Reports an Xid again and again while a job holds the GPU, since nobody tells when it is listened to.
      func report(_ number: Int, until isEnough: () async throws -> Bool) async throws {
        var state = Self.state("g1")
        for _ in 0..<150 where try await !isEnough() {
          if try await site.hosts().contains(where: { $0.gpusHeld > 0 }) {
            state += "xid GPU-g1a \(number)\n"
            try nvml.set(state)
          }
          try await site.pause()
        }
      }
      func statements(of trial: UInt32) async throws -> [ProvenanceStatement] {
        let key = try site.key("runner-g1").publicIdentity
        return try await site.lineage(of: trial).provenance.map {
          try ProvenanceStatement.verified(envelope: $0, key: key)
        }
      }

      let illegal = try await site.submit(
        "1.01", training: "raise RuntimeError('CUDA error: an illegal memory access was encountered')")
      var reports = 0
      try await report(31) {
        reports += 1
        return reports > 10
      }
      let crash = try await site.verdict(illegal)
      #expect(crash.label == .crash, "\(crash.reason)")
      let told = try await statements(of: illegal)
      #expect(told.count == 1 && (told[0].host.gpus?[0].xids?["31"] ?? 0) > 0, "\(told.map(\.host))")
      #expect(try await site.failures() == 0, "no failure of the host")

      try nvml.set(Self.state("g1"))
      let unlucky = try await site.submit("1.02")
      try await report(79) { try await site.failures() > 0 }
      let verdict = try await site.verdict(unlucky)
      #expect([.keep, .discard].contains(verdict.label), "\(verdict.reason)")
      #expect(try await site.failures() == 1)
      let used = try await statements(of: unlucky).flatMap { $0.host.gpus ?? [] }
      #expect(Set(used.map(\.uuid)) == ["GPU-g1b"] && used.allSatisfy { $0.xids == [:] }, "\(used)")
      let reason = try await site.hosts().flatMap(\.gpus).first { $0.uuid == "GPU-g1a" }?.outOfService ?? ""
      #expect(reason.hasPrefix("it reported Xid 79 (fell off its bus); reset it"), "\(reason)")
    }
  }
}
