import Foundation
import Glibc
import Testing

/// Trials as steps of a real Slurm: same sandbox, same labels; what Slurm does to a step is never charged to a recipe.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(8))) struct SlurmTests {
  @Test(
    "20 trials through srun: one cancelled by an admin, one whose node fails, one over its time; every label is right"
  )
  func trials() async throws {
    try await SlurmCluster.with { cluster in
      try await ClusterTrials.run("slurm", on: cluster, options: [], environment: cluster.environment)
    }
  }

  @Test("what Slurm can never run is a failure of ours that says what to compare")
  func refused() async throws {
    let task = try ClusterTrials.task()
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
