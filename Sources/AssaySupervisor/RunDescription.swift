import Foundation

/// What a state folder's run is, written once when the run starts.
public struct RunDescription: Codable, Sendable, Equatable {
  public var runID: String
  public var taskName: String
  /// Absolute path of the task folder; empty when an external evaluator owns the task.
  public var taskPath: String
  public var taskDigest: String
  /// Digest of the task without its rules, which an audit may change; nil in runs of earlier versions and of other evaluators.
  public var taskFrame: String?
  public var seed: UInt64
  public var lineageEnabled: Bool
  public var specialists: [String]
  /// Nil when the run starts an evaluator of its own.
  public var evaluator: ExternalEvaluator?
  /// Nil: each partition has its specialist.
  public var arm: Arm?
  /// Nil when the run starts a lineage service of its own. Otherwise all services are deployed, and the run starts none.
  public var lineageService: ExternalLineage?

  public init(
    runID: String, taskName: String, taskPath: String, taskDigest: String, taskFrame: String? = nil,
    seed: UInt64,
    lineageEnabled: Bool,
    specialists: [String], evaluator: ExternalEvaluator? = nil, arm: Arm? = nil,
    lineageService: ExternalLineage? = nil
  ) {
    self.runID = runID
    self.taskName = taskName
    self.taskPath = taskPath
    self.taskDigest = taskDigest
    self.taskFrame = taskFrame
    self.seed = seed
    self.lineageEnabled = lineageEnabled
    self.specialists = specialists
    self.evaluator = evaluator
    self.arm = arm
    self.lineageService = lineageService
  }

  private enum CodingKeys: String, CodingKey {
    case runID = "run"
    case taskName = "task"
    case taskPath = "task_path"
    case taskDigest = "task_digest"
    case taskFrame = "task_frame"
    case seed
    case lineageEnabled = "lineage"
    case specialists, evaluator, arm
    case lineageService = "lineage_service"
  }

  /// Every agent that has a key: those that submit, and analysts.
  var agents: [String] { arm?.agents ?? specialists }

  /// The description in a state folder, nil when no run was started in it yet.
  public static func load(from directory: StateDirectory) throws -> RunDescription? {
    guard FileManager.default.fileExists(atPath: directory.runFile.path) else { return nil }
    do {
      return try JSONDecoder().decode(RunDescription.self, from: Data(contentsOf: directory.runFile))
    } catch {
      throw SupervisorError(
        .stateConflict,
        "\(directory.runFile.path) cannot be read (\(error)). Restore it from a backup, or use another --state."
      )
    }
  }

  public func save(to directory: StateDirectory) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: directory.runFile, options: .atomic)
  }
}
