import Foundation
import Glibc
import Testing

/// Trials as steps of a real Slurm: same sandbox, same labels; what Slurm does to a step is never charged to a recipe.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(8))) struct SlurmTests {
  @Test(
    "20 trials through srun: one cancelled by an admin, one whose node fails, one over its time, one over Slurm's own; every label is right"
  )
  func trials() async throws {
    try await SlurmCluster.with { cluster in
      try await ClusterTrials.run("slurm", on: cluster, options: [], environment: cluster.environment)
    }
  }

  @Test(
    "jobs of two GPUs have the two of a node that Slurm gave them, and no GPU has two jobs; a node with a stranger on its GPUs is left alone"
  )
  func gpus() async throws {
    try await SlurmCluster.with(hasGPUs: true) { cluster in
      try await ClusterGPUs.run(
        "slurm", on: cluster, kind: "gpu:h100", total: 4, options: cluster.gpuOptions,
        environment: cluster.environment
      ) { site in
        try cluster.drivers[0].set(ClusterGPUs.state(of: "n0") + "busy GPU-n0b 1 50 700\n")
        try await ClusterGPUs.leavesAlone(site)
      }
    }
  }

  @Test("a job of more GPUs than any node has waits for a host that has them, and says so")
  func lackingGPUs() async throws {
    try await SlurmCluster.with(hasGPUs: true) { cluster in
      try await ClusterGPUs.lacking(
        "slurm", options: cluster.gpuOptions, environment: cluster.environment)
    }
  }

  @Test(
    "a controller that is away for a while costs no trial, and no node; at the start it is said to be away")
  func down() async throws {
    let task = try ClusterTrials.task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await SlurmCluster.with { cluster in
      try await Site.with(task: task, runners: ["slurm"]) { site in
        let options = try site.runnerArguments("slurm") + ["--launcher", "slurm", "--slots", "2"]
        let runner = try Running("assay-runner", options, environment: cluster.environment)
        defer { runner.signal(SIGKILL) }
        try await site.open()
        let known = Set(try await cluster.steps().map(\.job))
        // One that ends meanwhile, and one that cannot be asked for.
        let running = try await site.submit("1.001", training: "import time; time.sleep(3)")
        _ = try await ClusterTrials.nextStep(cluster, after: known)
        try await cluster.stopController()
        let waiting = try await site.submit("1.002")
        #expect(await runner.errors { $0.contains("Slurm does not answer") })
        try await cluster.startController()
        for trial in [running, waiting] {
          let verdict = try await site.verdict(trial)
          #expect(verdict.label == .discard, "\(verdict.reason)")
        }
        #expect(try await site.failures() == 0)
        #expect(try await cluster.steps().isEmpty, "no step keeps its place")
        runner.signal(SIGTERM)
        _ = try await runner.ended()

        try await cluster.stopController()
        let ended = try await Running("assay-runner", options, environment: cluster.environment).ended()
        #expect(ended.status == 3)
        #expect(ended.errors.contains("see whether slurmctld is up"), "\(ended.errors)")
      }
    }
  }

  @Test("what Slurm can never run is a failure of ours that says what to compare")
  func refused() async throws {
    let task = try ClusterTrials.task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await SlurmCluster.with { cluster in
      try await Site.with(task: task, runners: ["slurm"]) { site in
        // The task's 150 s and the grace are more than this partition's minute.
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
