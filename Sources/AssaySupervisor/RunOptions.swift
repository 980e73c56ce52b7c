public import AssayAgentsFile
import Foundation

/// An agents file, read.
public struct AgentsChoice: Sendable {
  public var path: String
  public var file: AgentsFile

  public init(path: String, file: AgentsFile) {
    self.path = path
    self.file = file
  }
}

/// What a person asked `assay run` for.
public struct RunOptions: Sendable {
  public var task: String
  public var trials: UInt32
  public var budget: RunBudget
  /// Nil for what the agents file says, or evolve.
  public var proposer: String?
  public var agents: AgentsChoice?
  /// Nil for all partitions of the task.
  public var specialists: [String]?
  public var lineageEnabled: Bool
  public var seed: UInt64
  /// Nil for one a core.
  public var slots: Int?
  public var state: URL
  public var prepared: URL
  /// Nil to start one.
  public var evaluator: ExternalEvaluator?
  /// `TASK/NAME=/folder` of what an external evaluator's jobs mount.
  public var mounts: [String]
  /// Where the lineage listens besides its socket.
  public var lineageListen: String?
  /// Nil for whatever the run has; a new run: each partition has its specialist.
  public var arm: ArmChoice?
  /// The cores of the runner; nil for all.
  public var cores: [Int]?
  /// Nil to start one; otherwise every service is deployed, and the run starts none.
  public var lineageService: ExternalLineage?

  public init(
    task: String, trials: UInt32, budget: RunBudget = RunBudget(), proposer: String?,
    agents: AgentsChoice? = nil, specialists: [String]?,
    lineageEnabled: Bool,
    seed: UInt64, slots: Int?, state: URL, prepared: URL, evaluator: ExternalEvaluator? = nil,
    mounts: [String] = [], lineageListen: String? = nil, arm: ArmChoice? = nil, cores: [Int]? = nil,
    lineageService: ExternalLineage? = nil
  ) {
    self.task = task
    self.trials = trials
    self.budget = budget
    self.proposer = proposer
    self.agents = agents
    self.specialists = specialists
    self.lineageEnabled = lineageEnabled
    self.seed = seed
    self.slots = slots
    self.state = state
    self.prepared = prepared
    self.evaluator = evaluator
    self.mounts = mounts
    self.lineageListen = lineageListen
    self.arm = arm
    self.cores = cores
    self.lineageService = lineageService
  }
}
