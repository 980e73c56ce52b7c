import AssayGPU
public import AssayRunner
public import AssaySandbox
public import Foundation

/// The folder of one step that a cluster's scheduler runs: runner and node share it, the command goes in, the result comes out.
/// Nothing inside a sandbox sees it.
public struct StepFolder: Sendable {
  /// What a node has to say.
  public enum Answer: Codable, Sendable {
    case node(isolation: IsolationReport, host: SandboxHost)
    case result(SandboxResult)
    /// GPUs that a step without a command was given.
    case gpus([GPUDevice])
    /// What a command did with GPUs.
    case run(GPURun)
    /// A failure of ours.
    case failed(String)
    /// A failure of ours that the node's GPUs are the reason of.
    case unfit(String, node: String)
  }

  public let folder: URL

  public init(folder: URL) { self.folder = folder }

  private var commandFile: URL { folder.appending(path: "command.json") }
  private var needFile: URL { folder.appending(path: "gpus.json") }
  private var givenFile: URL { folder.appending(path: "given.json") }
  private var answerFile: URL { folder.appending(path: "answer.json") }

  /// - Parameters:
  ///   - command: nil only to look at the node.
  ///   - gpus: nil for none.
  public func write(_ command: SandboxCommand?, _ gpus: StepGPUs? = nil) throws {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    if let gpus { try JSONEncoder().encode(gpus).write(to: needFile, options: .atomic) }
    try JSONEncoder().encode(command).write(to: commandFile, options: .atomic)
  }

  /// Nil while there is none.
  public func answer() -> Answer? {
    (try? Data(contentsOf: answerFile)).flatMap { try? JSONDecoder().decode(Answer.self, from: $0) }
  }

  /// GPUs that a step which was killed had been given.
  public func given() -> [GPUDevice] {
    (try? Data(contentsOf: givenFile)).flatMap { try? JSONDecoder().decode([GPUDevice].self, from: $0) } ?? []
  }

  public func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Runs on the node: the command in a sandbox of this host, or, without a command, only the look at what there is.
  public func perform(_ places: GPUPlaces, _ environment: [String: String]) async throws {
    let command = try JSONDecoder().decode(SandboxCommand?.self, from: Data(contentsOf: commandFile))
    // A step that an earlier version wrote has none.
    let gpus = try (try? Data(contentsOf: needFile)).map { try JSONDecoder().decode(StepGPUs.self, from: $0) }
    let answer: Answer
    do {
      if let gpus {
        answer = try await run(
          command, gpus.need, NodeGPUs(gpus.scheduler, places: places, environment: environment))
      } else {
        answer = try await run(command)
      }
    } catch let error as SandboxError {
      answer = .failed(error.message)
    } catch let error as RunnerError {
      let isNodes = error.code == .gpus || error.code == .gpusTaken
      answer =
        isNodes
        ? .unfit(error.message, node: environment["SLURMD_NODENAME"] ?? "") : .failed(error.message)
    }
    try Task.checkCancellation()
    try JSONEncoder().encode(answer).write(to: answerFile, options: .atomic)
  }

  private func run(_ command: SandboxCommand?) async throws -> Answer {
    let sandbox = try await Sandbox.open()
    guard var command else { return .node(isolation: sandbox.isolation, host: .current()) }
    // Which cores, the scheduler decides.
    command.cores = []
    var result = try await sandbox.run(command)
    result.host = SandboxHost.current()
    return .result(result)
  }

  private func run(_ command: SandboxCommand?, _ need: GPUNeed, _ node: NodeGPUs) async throws -> Answer {
    let devices = try await node.given(need.count)
    guard var command else { return .gpus(devices) }
    try JSONEncoder().encode(devices).write(to: givenFile, options: .atomic)
    command.cores = []
    var run = try await node.run(command, on: devices, for: need, by: Sandbox.open())
    run.result.host = SandboxHost.current()
    return .run(run)
  }
}
