import Foundation
import Glibc
import Testing

/// Trials as Jobs of a cluster: what holds for Slurm holds for them. The cluster is a stand-in, since none can be had here; what it is
/// asked is checked against the published schemas.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(8))) struct KubernetesLauncherTests {
  @Test(
    "20 trials as Jobs: one deleted by an admin, one whose node goes, one over its time; every label is right"
  )
  func trials() async throws {
    try await KubernetesCluster.with { cluster in
      try await ClusterTrials.run("kubernetes", on: cluster, options: cluster.options())
    }
  }

  @Test(
    "jobs of two GPUs have the two of a node that its device plugin gave them, and no GPU has two jobs; a node with a stranger on its GPUs is left alone"
  )
  func gpus() async throws {
    try await KubernetesCluster.with(hasGPUs: true) { cluster in
      let options = try cluster.options() + cluster.gpuOptions
      try await ClusterGPUs.run(
        "kubernetes", on: cluster, kind: "nvidia.com/gpu", total: 0, options: options
      ) { site in
        try cluster.set("n0", "busy GPU-n0b 1 50 700\n")
        try await ClusterGPUs.leavesAlone(site)
      }
      try await ClusterGPUs.lacking("kubernetes", options: options)
    }
  }

  @Test("what can never run, and who may not, is told with the remedy") func refused() async throws {
    let task = try ClusterTrials.task()
    defer { try? FileManager.default.removeItem(atPath: task) }
    try await KubernetesCluster.with { cluster in
      try await Site.with(task: task, runners: ["kubernetes"]) { site in
        func ended(_ options: [String]) async throws -> Program.Ended {
          try await Running(
            "assay-runner", try site.runnerArguments("kubernetes") + ["--launcher", "kubernetes"] + options
          ).ended()
        }
        let missing = try await ended(try cluster.options(image: "missing"))
        #expect(missing.status == 3)
        #expect(missing.errors.contains("ImagePullBackOff"), "\(missing.errors)")
        #expect(missing.errors.contains("correct the Job template"))
        #expect(try await cluster.steps().isEmpty)

        let stranger = site.folder + "/stranger"
        let options = try cluster.options()
        let account = options[3]
        try FileManager.default.copyItem(atPath: account, toPath: stranger)
        try "wrong".write(toFile: stranger + "/token", atomically: true, encoding: .utf8)
        let refused = try await ended(try cluster.options(account: stranger))
        #expect(refused.status == 3)
        #expect(refused.errors.contains("the token was not accepted"), "\(refused.errors)")

        try "{}".write(toFile: site.folder + "/empty.yaml", atomically: true, encoding: .utf8)
        let empty = try await ended(
          Array(options.dropLast()) + [site.folder + "/empty.yaml"])
        #expect(empty.status == 3)
        #expect(empty.errors.contains("no Job of batch/v1"), "\(empty.errors)")

        let outside = try await ended(["--kubernetes-job", options.last ?? ""])
        #expect(outside.errors.contains("no pod with a service account"), "\(outside.errors)")
        var bare = options
        bare[1] = bare[1].replacing("https://", with: "http://")
        let unprotected = try await ended(bare)
        #expect(unprotected.errors.contains("name an https:// address"), "\(unprotected.errors)")
        let unnamed = try await ended([])
        #expect(unnamed.errors.contains("--kubernetes-job"), "\(unnamed.errors)")
      }
    }
  }
}
