import Foundation
import Glibc
import Testing

/// A Compose deployment of the smallest task, with the images that were built of the programs under test.
struct Deployment: Sendable {
  let engine: ContainerEngine
  let project = "assaytest"
  var trials = 40

  private static let files = [
    "compose.yaml", "compose.classic.yaml", "compose.smoke.yaml", "compose.monitoring.yaml",
  ]
  static let services = ["lineage", "evaluator", "runner", "agent-model", "agent-opt", "agent-data"]
  static let folder = Program.repository.appending(path: "compose").path

  var environment: [String: String] {
    [
      "DOCKER_HOST": engine.address, "ASSAY_TASK": "tiny-regression", "ASSAY_SPECIALISTS": "model,opt,data",
      "ASSAY_TRIALS": "\(trials)", "ASSAY_REGISTRY": "assaytest", "COMPOSE_PROJECT_NAME": project,
      "ASSAY_LINEAGE_METRICS": "172.28.99.10:9464", "ASSAY_EVALUATOR_METRICS": "172.28.99.11:9464",
      "ASSAY_WORKER_METRICS": "0.0.0.0:9464",
    ]
  }

  func composing(_ arguments: [String]) throws -> Running {
    try Running("/bin/sh", Self.words(Self.files, arguments), environment: environment)
  }

  /// Whether files are what docker-compose takes, without an engine.
  static func check(_ files: [String]) async throws -> Program.Ended {
    try await Program.run(
      "/bin/sh", words(files, ["config", "-q"]),
      environment: ["ASSAY_EVALUATOR_HOST": "bench.example", "ASSAY_LINEAGE_HOST": "record.example"])
  }

  /// In the folder of the files: docker-compose 1.29 looks for the seccomp profile from where it is started.
  private static func words(_ files: [String], _ arguments: [String]) -> [String] {
    ["-c", "cd \"$0\" && exec docker-compose \"$@\"", folder] + files.flatMap { ["-f", $0] } + arguments
  }

  @discardableResult
  func compose(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
    -> String
  {
    let ended = try await composing(arguments).ended()
    #expect(
      ended.status == 0, "docker-compose \(arguments): \(ended.errors.suffix(3000))",
      sourceLocation: sourceLocation)
    return ended.output
  }

  func up(_ options: String...) async throws {
    let ended = try await composing(["up", "-d"] + options + Self.services).ended()
    guard ended.status == 0 else {
      let logs = try await composing(["logs", "--tail=20"]).ended().output
      throw ContainerEngine.Failure(text: "up: \(ended.errors.suffix(3000))\n\(logs.suffix(4000))")
    }
  }

  func images() async throws -> String {
    let built = try await Program.run(
      Self.folder + "/images.sh", [Program.folder.path, "--bootstrap"],
      environment: ["DOCKER_HOST": engine.address, "REGISTRY": "assaytest"])
    guard built.status == 0 else { throw ContainerEngine.Failure(text: built.errors + built.output) }
    return built.output
  }

  /// Ids of a service's running containers.
  func containers(_ service: String) async throws -> [String] {
    try await compose("ps", "-q", service).split(separator: "\n").map(String.init)
  }

  /// Kills the main process of a container as a crash would; the engine's restart policy applies.
  func crash(_ container: String) async throws {
    let inspected = try await engine.docker("inspect", "-f", "{{.State.Pid}}", container)
    guard let pid = Int32(inspected.output.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else {
      throw ContainerEngine.Failure(text: "container \(container) has no process: \(inspected.errors)")
    }
    kill(pid, SIGKILL)
  }

  /// Runs Python in a container; its output.
  func python(_ program: String, in service: String) async throws -> String {
    guard let container = try await containers(service).first else {
      throw ContainerEngine.Failure(text: "no container of \(service)")
    }
    let ended = try await engine.docker("exec", container, "/usr/bin/python3", "-c", program)
    return ended.output + ended.errors
  }

  func operate(_ arguments: String...) async throws -> Program.Ended {
    try await composing(["run", "--rm", "-T", "operator"] + arguments).ended()
  }

  func down() async throws {
    _ = try await composing(["down", "-v", "-t", "15", "--remove-orphans"]).ended()
  }
}
