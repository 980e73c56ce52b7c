import AssayGPUTesting
import Foundation
import Glibc
import Testing

/// The stand-in of a Kubernetes cluster (Fixtures/kubernetes_cluster.py), whose nodes are this machine.
final class KubernetesCluster: TestCluster {
  private let folder: String
  private let server: Running
  let address: String

  private static let program = Program.repository.appending(
    path: "Tests/Integration/Fixtures/kubernetes_cluster.py"
  ).path

  /// What a runner is started with where nodes have GPUs.
  var gpuOptions: [String] {
    ["--kubernetes-gpus", "nvidia.com/gpu=2", "--nvml", folder + "/nvml/libnvidia-ml.so.1"]
  }

  /// - Parameter hasGPUs: two on each node, `GPU-n0a` to `GPU-n1b`.
  static func with<Value>(hasGPUs: Bool = false, _ body: (KubernetesCluster) async throws -> Value)
    async throws -> Value
  {
    let driver = hasGPUs ? try StandInNVML("") : nil
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-cluster-\(UUID().uuidString.prefix(8))"
    ).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let server = try Running(
      PythonSDKTests.python, [program, "serve", folder] + (driver.map { [$0.path] } ?? []))
    defer {
      server.signal(SIGKILL)
      withExtendedLifetime(driver) {}
      try? FileManager.default.removeItem(atPath: folder)
    }
    try #require(await server.output { $0.contains("https://") })
    return try await body(try KubernetesCluster(folder: folder, server: server))
  }

  private init(folder: String, server: Running) throws {
    self.folder = folder
    self.server = server
    address = try String(contentsOfFile: folder + "/address", encoding: .utf8)
  }

  /// What a runner outside of the cluster is started with.
  ///
  /// - Parameter image: of the Jobs' container; "missing" cannot be pulled.
  func options(image: String = "assay/runner", account: String? = nil) throws -> [String] {
    let template = folder + "/job-\(image.hasPrefix("assay") ? "good" : "bad").yaml"
    try """
    apiVersion: batch/v1
    kind: Job
    spec:
      template:
        spec:
          containers:
            - name: step
              image: \(image)
              command: ["\(Program.folder.path)/assay-runner"]
    """.write(toFile: template, atomically: true, encoding: .utf8)
    return [
      "--kubernetes-server", address, "--kubernetes-account", account ?? folder + "/account",
      "--kubernetes-job", template,
    ]
  }

  /// What the driver of pods on a node tells besides its GPUs.
  func set(_ node: String, _ text: String) throws {
    try text.write(toFile: folder + "/busy-" + node, atomically: true, encoding: .utf8)
  }

  private func ask(_ words: String...) async throws -> String {
    let ended = try await Program.run(
      PythonSDKTests.python, [Self.program, words[0], folder] + words.dropFirst())
    try #require(ended.status == 0, "\(ended.errors)")
    return ended.output
  }

  func steps() async throws -> [(job: String, node: String)] {
    try await ask("steps").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      return words.count == 2 ? (words[0], words[1]) : nil
    }
  }

  func cancel(_ job: String) async throws { _ = try await ask("delete", job) }

  func failNode(_ node: String) async throws { _ = try await ask("lose", node) }
}
