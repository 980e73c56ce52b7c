import AssayIdentity
import AssayRPC
import AssayServiceHost
import AssayServices
import AssayTask
import Foundation
import Logging

/// The processes of one run on this machine: who they are, where they listen, how they are started.
public struct Fleet: Sendable {
  let directory: StateDirectory
  let description: RunDescription
  let task: RunTask
  /// Nil when an external evaluator owns the task.
  let prepared: PreparedTask?
  let preparedRoot: URL
  let mounts: [String]
  let slots: Int
  /// The cores of the runner; nil for all.
  let cores: [Int]?
  let proposer: String?
  let agents: AgentsChoice?
  /// Where the lineage listens besides its socket, so that an evaluator elsewhere reaches it.
  let lineageListen: String?
  private let keys: KeyRing

  init(
    directory: StateDirectory, description: RunDescription, task: RunTask, prepared: PreparedTask?,
    preparedRoot: URL, mounts: [String] = [], slots: Int, cores: [Int]? = nil, proposer: String?,
    agents: AgentsChoice? = nil, lineageListen: String? = nil
  ) throws {
    self.directory = directory
    self.description = description
    self.task = task
    self.prepared = prepared
    self.preparedRoot = preparedRoot
    self.mounts = mounts
    self.slots = slots
    self.cores = cores
    self.proposer = proposer
    self.agents = agents
    self.lineageListen = lineageListen
    keys =
      description.lineageService != nil
      ? KeyRing.existing(in: directory.keys)
      : try KeyRing.prepare(
        in: directory.keys, specialists: description.agents, runners: ["local"],
        lineageEnabled: description.lineageEnabled, evaluator: try description.evaluator?.identity())
  }

  /// Whether all services run elsewhere and nothing is started here.
  var isDeployed: Bool { description.lineageService != nil }

  private var common: [String] { ["--exit-with-stdin", "--log-level", "info"] }

  private func process(
    _ program: String, _ arguments: [String], name: String, identity: String, finalStatuses: Set<Int32> = [],
    inherits: Set<String> = [], confinement: [String]? = nil
  ) throws -> ServiceProcess {
    let executable = try Executables.locate(program)
    return ServiceProcess(
      name: name, executable: confinement == nil ? executable : URL(filePath: "/usr/bin/taskset"),
      arguments: (confinement.map { $0 + [executable.path] } ?? []) + arguments
        + keys.certificates.arguments(of: identity) + common,
      log: directory.logs.appending(path: "\(name).log"), finalStatuses: finalStatuses, inherits: inherits)
  }

  static func lineageProcess(of directory: StateDirectory, listen: String? = nil) throws -> ServiceProcess {
    let keys = KeyRing.existing(in: directory.keys)
    return ServiceProcess(
      name: "lineage", executable: try Executables.locate("assay-lineage"),
      arguments: [
        "--listen", try directory.socketAddress(of: "lineage"), "--key", keys.path(of: "lineage"), "--trust",
        directory.trustFile(of: "lineage").path, "--state", directory.state(of: "lineage").path,
        "--exit-with-stdin",
      ] + (listen.map { ["--listen", $0] } ?? []) + keys.certificates.arguments(of: "lineage"),
      log: directory.logs.appending(path: "lineage.log"))
  }

  private var evaluatorAddress: String {
    get throws { try description.evaluator?.address ?? directory.socketAddress(of: "evaluator") }
  }
  private var evaluatorKey: String {
    get throws { try description.evaluator?.key ?? keys.publicText(of: "evaluator") }
  }

  /// Lineage, evaluator unless it is somebody else's, and runner.
  func coreProcesses() throws -> [ServiceProcess] {
    if isDeployed { return [] }
    return [try Self.lineageProcess(of: directory, listen: lineageListen)]
      + (try ownEvaluator().map { [$0] } ?? [])
      + [try runner()]
  }

  func ownEvaluator() throws -> ServiceProcess? {
    guard description.evaluator == nil else { return nil }
    return try Self.evaluatorProcess(of: directory, description, prepared: preparedRoot)
  }

  /// The run's own evaluator.
  static func evaluatorProcess(
    of directory: StateDirectory, _ description: RunDescription, prepared: URL
  ) throws -> ServiceProcess {
    let keys = KeyRing.existing(in: directory.keys)
    return ServiceProcess(
      name: "evaluator", executable: try Executables.locate("assay-evaluator"),
      arguments: [
        "--listen", try directory.socketAddress(of: "evaluator"), "--key", keys.path(of: "evaluator"),
        "--trust", directory.trustFile(of: "evaluator").path,
        "--state", directory.state(of: "evaluator").path, "--task", description.taskPath,
        "--prepared", prepared.path, "--lineage", try directory.socketAddress(of: "lineage"),
        "--lineage-key", try keys.publicText(of: "lineage"),
      ] + keys.certificates.arguments(of: "evaluator") + ["--exit-with-stdin", "--log-level", "info"],
      log: directory.logs.appending(path: "evaluator.log"))
  }

  private func runner() throws -> ServiceProcess {
    let folders = mounts + (prepared?.mounts(of: task.name) ?? [])
    // Which cores a process has is inherited: the program is started by one that has only these.
    let confinement = cores.map { ["-c", $0.map(String.init).joined(separator: ",")] }
    return try process(
      "assay-runner",
      [
        "--evaluator", try evaluatorAddress, "--evaluator-key", try evaluatorKey,
        "--key", keys.path(of: "runner/local"), "--name", "local",
        "--state", directory.state(of: "runner").path, "--slots", "\(slots)",
      ] + folders.flatMap { ["--mount", $0] }, name: "runner", identity: "runner/local",
      // A driver of GPUs may be found by it alone; jobs do not get it.
      inherits: ["LD_LIBRARY_PATH"], confinement: confinement)
  }

  /// One process a specialist or analyst.
  func agentProcesses() throws -> [ServiceProcess] {
    if isDeployed { return [] }
    return try description.agents.map { specialist in
      let lineage =
        description.lineageEnabled
        ? [
          "--lineage", try directory.socketAddress(of: "lineage"), "--lineage-key",
          try keys.publicText(of: "lineage"),
        ]
        : ["--no-lineage"]
      return try process(
        "assay-agent",
        [
          "--specialist", specialist, "--run", description.runID, "--evaluator", try evaluatorAddress,
          "--evaluator-key", try evaluatorKey, "--key",
          keys.path(of: "agent/\(specialist)"), "--seed",
          "\(description.seed)", "--state", directory.state(of: "agents").appending(path: specialist).path,
        ] + (proposer.map { ["--proposer", $0] } ?? []) + (agents.map { ["--agents", $0.path] } ?? [])
          + lineage + (description.arm?.analysts.contains(specialist) == true ? ["--analyst"] : []),
        name: "agent-\(specialist)", identity: "agent/\(specialist)", finalStatuses: [0],
        inherits: agents.map { Set($0.file.keyVariables(of: specialist)) } ?? [])
    }
  }

  /// Runs `body` with the operator's clients of both services.
  func withOperatorClients<Result: Sendable>(
    _ body: (EvaluatorServiceClient, LineageServiceClient) async throws -> Result
  ) async throws -> Result {
    try await Self.withOperatorClients(of: directory, body)
  }

  static func withOperatorClients<Result: Sendable>(
    of directory: StateDirectory,
    _ body: (EvaluatorServiceClient, LineageServiceClient) async throws -> Result
  ) async throws -> Result {
    let evaluator = try directory.operatorClient(of: "evaluator")
    let lineage = try directory.operatorClient(of: "lineage")
    defer {
      evaluator.close()
      lineage.close()
    }
    do {
      return try await body(EvaluatorServiceClient(evaluator), LineageServiceClient(lineage))
    } catch let error as RPCError {
      throw SupervisorError(error)
    }
  }

  /// Runs `body` with the operator's client of the lineage: the running one, or one started for the purpose.
  static func withLineage<Result: Sendable>(
    of directory: StateDirectory,
    _ body: @escaping @Sendable (LineageServiceClient, _ running: Bool) async throws -> Result
  ) async throws -> Result {
    let client = try directory.operatorClient(of: "lineage")
    defer { client.close() }
    if try RunDescription.load(from: directory)?.lineageService != nil {
      return try await mapped { try await body(LineageServiceClient(client), true) }
    }
    // Whoever holds the lock runs the services; with the lock in hand nobody does, and one may be started.
    guard let lock = try? directory.lock(isReader: true) else {
      return try await mapped { try await body(LineageServiceClient(client), true) }
    }
    defer { withExtendedLifetime(lock) {} }
    let process = try lineageProcess(of: directory)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await process.run(logger: Logger(label: "assay"))
        return nil
      }
      group.addTask { try await mapped { try await body(LineageServiceClient(client), false) } }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let result = next { return result }
      }
      throw SupervisorError(.unavailable, "the lineage service stopped; \(process.log.path) says why")
    }
  }

  private static func mapped<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as RPCError {
      throw SupervisorError(error)
    }
  }
}
