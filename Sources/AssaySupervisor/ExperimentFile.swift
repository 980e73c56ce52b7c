import Foundation
import Yams

/// What `assay experiment` compares: arms on one task, several seeds each, with equal budgets.
public struct ExperimentFile: Codable, Hashable, Sendable {
  /// One arm as it is written.
  public struct ArmEntry: Codable, Hashable, Sendable {
    public var name: String
    /// `specialists`, `generalist` or `generics:N`.
    public var crew: String
    public var lineage: Bool
    public var knowledge: Bool
    public var analysts: [String]

    var choice: ArmChoice {
      ArmChoice(
        name: name, crew: Arm.Crew(crew) ?? .specialists, analysts: analysts, knowledge: knowledge)
    }
  }

  public static let formatVersion = 1

  public var name: String
  public var task: String
  /// The first is what the others are compared with.
  public var arms: [ArmEntry]
  public var seeds: [UInt64]
  /// Trials of each run.
  public var trials: UInt32
  /// After how many trials scores are compared.
  public var checkpoints: [UInt32]
  /// Runs at the same time; each has its share of the cores.
  public var parallel: Int
  /// Bounds of each run beside its trials, as `assay run` takes them; nil for none.
  public var maxTime: String?
  public var budget: String?
  public var noImprovement: String?

  private enum CodingKeys: String, CodingKey {
    case name, task, arms, seeds, trials, checkpoints, parallel
    case maxTime = "max_time"
    case budget
    case noImprovement = "no_improvement"
  }

  /// Reads and checks a file.
  ///
  /// - Throws: `SupervisorError`, usage, with the place and the remedy.
  public static func load(_ path: String) throws -> ExperimentFile {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SupervisorError(.usage, "\(path) cannot be read as text; name an experiment file.")
    }
    return try parse(text, named: path)
  }

  static func parse(_ text: String, named path: String) throws -> ExperimentFile {
    func refuse(_ what: String) -> SupervisorError { SupervisorError(.usage, "\(path): \(what)") }
    guard text.utf8.count <= 256 << 10 else { throw refuse("it is larger than 256 KiB") }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch { throw refuse("it is not YAML: \(error)") }
    guard let root, root.mapping != nil else { throw refuse("it is no mapping of keys to values") }
    func check(_ node: Node, _ known: [String], _ where: String) throws {
      for key in node.mapping.map({ Array($0.keys) }) ?? [] {
        guard let word = key.string, known.contains(word) else {
          throw refuse(
            "line \(key.mark?.line ?? 0): '\(key.string ?? "?")' is no key of \(`where`); known are \(known.joined(separator: ", "))"
          )
        }
      }
    }
    try check(
      root,
      [
        "assay-experiment", "name", "task", "arms", "seeds", "trials", "checkpoints", "parallel", "max_time",
        "budget", "no_improvement",
      ], "an experiment")
    for arm in root["arms"]?.sequence.map(Array.init) ?? [] {
      try check(arm, ["name", "crew", "lineage", "knowledge", "analysts"], "an arm")
    }
    guard root["assay-experiment"]?.int == formatVersion else {
      throw refuse("it has to begin with 'assay-experiment: \(formatVersion)'")
    }
    func string(_ node: Node?, _ key: String) throws -> String? {
      guard let node = node?[key] else { return nil }
      guard let text = node.string, !text.isEmpty else { throw refuse("'\(key)' is no text") }
      return text
    }
    func integer(_ key: String, _ standard: Int, _ range: ClosedRange<Int>) throws -> Int {
      guard let node = root[key] else { return standard }
      guard let value = node.int, range.contains(value) else {
        throw refuse("'\(key)' is no number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    func flag(_ node: Node, _ key: String) throws -> Bool {
      guard let value = node[key] else { return true }
      guard let flag = value.bool else { throw refuse("'\(key)' of an arm is true or false") }
      return flag
    }
    guard let task = try string(root, "task") else { throw refuse("it names no 'task'") }
    let seeds = (root["seeds"]?.sequence.map(Array.init) ?? []).map { $0.int.flatMap(UInt64.init(exactly:)) }
    guard !seeds.isEmpty, seeds.count <= 1000, seeds.allSatisfy({ $0 != nil }),
      Set(seeds).count == seeds.count
    else { throw refuse("'seeds' is a list of different whole numbers, such as [1, 2, 3, 4, 5]") }
    var arms: [ArmEntry] = []
    for node in root["arms"]?.sequence.map(Array.init) ?? [] {
      let crew = try string(node, "crew") ?? "specialists"
      guard let name = try string(node, "name"), name.utf8.count <= 32,
        name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
      else { throw refuse("each arm needs a 'name' of letters, digits and dashes") }
      guard Arm.Crew(crew) != nil else {
        throw refuse("arm \(name): 'crew' is specialists, generalist or generics:N, not '\(crew)'")
      }
      arms.append(
        ArmEntry(
          name: name, crew: crew, lineage: try flag(node, "lineage"), knowledge: try flag(node, "knowledge"),
          analysts: (node["analysts"]?.sequence.map(Array.init) ?? []).compactMap(\.string)))
    }
    guard !arms.isEmpty, Set(arms.map(\.name)).count == arms.count else {
      throw refuse("'arms' is a list of one or more arms with names of their own")
    }
    let trials = try integer("trials", 40, 1...100_000)
    let points = (root["checkpoints"]?.sequence.map(Array.init) ?? []).map(\.int)
    guard points.allSatisfy({ $0.map { (1...trials).contains($0) } ?? false }) else {
      throw refuse("'checkpoints' is a list of numbers of trials, at most \(trials)")
    }
    let file = ExperimentFile(
      name: try string(root, "name") ?? URL(filePath: path).deletingPathExtension().lastPathComponent,
      task: task, arms: arms, seeds: seeds.compactMap(\.self), trials: UInt32(trials),
      checkpoints: Set(points.compactMap(\.self).map(UInt32.init) + [UInt32(trials)]).sorted(),
      parallel: try integer("parallel", 1, 1...64), maxTime: try string(root, "max_time"),
      budget: try string(root, "budget"), noImprovement: try string(root, "no_improvement"))
    guard (try? file.runBudget()) != nil else {
      throw refuse(
        "'max_time', 'no_improvement' and 'budget' are written as assay run takes them: 10m, 60 or 2h, cpu=2h"
      )
    }
    return file
  }

  /// The bounds of each run.
  func runBudget() throws -> RunBudget {
    var result = RunBudget()
    let wrong = SupervisorError(.usage, "the bounds of the experiment cannot be read")
    if let maxTime {
      guard let time = DurationText.parse(maxTime) else { throw wrong }
      result.maxTime = time
    }
    if let budget {
      guard let amount = BudgetText(budget) else { throw wrong }
      result.run = amount
    }
    if let noImprovement, !result.setPatience(noImprovement) { throw wrong }
    return result
  }

  /// The runs in the order in which they begin: seed by seed, each time beginning with the next arm, so that whatever drifts on
  /// the host meets all arms alike.
  var order: [ExperimentCell.Place] {
    seeds.enumerated().flatMap { round, seed in
      arms.indices.map { ExperimentCell.Place(arm: arms[($0 + round) % arms.count].name, seed: seed) }
    }
  }
}
