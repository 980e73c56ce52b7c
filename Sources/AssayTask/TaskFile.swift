import AssayPatch

/// What a task file (`task.yaml`) says, checked.
public struct TaskFile: Sendable, Hashable {
  /// The format that this program reads.
  public static let formatVersion = 1

  /// Letters, digits and dashes; names the task everywhere.
  public var name: String
  public var title: String
  public var summary: String
  public var metric: Metric
  /// Conditions that a trial must meet over its seeds, or it is disqualified.
  public var gates: [Gate]
  /// Costs that a trial must keep to on every seed, or it is disqualified.
  public var compute: [FixedCompute]
  public var rules: Rules
  /// The editable files, relative to `recipe/`, in the author's order.
  public var recipeFiles: [String]
  /// The most bytes that the recipe's files may have together.
  public var recipeMaximumBytes: Int
  /// The specialists, in the author's order.
  public var partitions: [Partition]
  public var seeds: Seeds
  public var train: Phase
  public var predict: Phase
  /// Nil where failures are predicted from the run's history alone.
  public var probe: Probe?
  public var score: Score
  public var environment: Environment
  /// Whose files the baseline is made of; nil where all of it is in the task folder.
  public var upstream: Upstream?
  /// Note files for agents, relative to the task folder.
  public var knowledge: [String]

  /// The partition of this name.
  public func partition(_ name: String) -> Partition? { partitions.first { $0.name == name } }

  /// What an agent may edit that owns several partitions: everything that any of them holds. Nil when it owns none of the task's.
  public func partition(of agent: String, owning names: [String]) -> Partition? {
    let parts = names.compactMap { partition($0) }
    guard let first = parts.first else { return nil }
    return Partition(
      name: agent, title: parts.map(\.title).joined(separator: "; "),
      scope: parts.dropFirst().reduce(first.scope) { $0.union($1.scope) })
  }
}
