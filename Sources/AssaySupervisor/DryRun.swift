import AssayAgent
public import AssayAgentsFile
import AssayPatch
import AssayProposers
import AssayTask
import AssayTools
import Foundation

/// The prompts of a run's first sessions, made without starting anything.
public enum DryRun {
  /// What one specialist would be told.
  public struct Prompt: Codable, Sendable, Hashable {
    public var specialist: String
    public var system: String
    public var message: String

    public var text: String {
      "===== \(specialist): system prompt =====\n\(system)\n\n===== \(specialist): first message =====\n\(message)\n"
    }

    public func json() throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// - Parameters:
  ///   - specialists: nil for all.
  ///   - arm: who works; nil for one specialist a partition, with the task's notes.
  ///   - agents: whose technique libraries are shown.
  public static func prompts(
    task name: String, specialists: [String]?, arm choice: ArmChoice? = nil, lineageEnabled: Bool,
    agents: AgentsFile? = nil
  ) throws -> [Prompt] {
    let task = try OwnTask.load(named: name).task
    let known = task.partitions.map(\.name)
    for name in specialists ?? [] where !known.contains(name) {
      throw SupervisorError(
        .usage, "task \(task.name) has no specialist '\(name)'. It has: \(known.joined(separator: ", ")).")
    }
    let arm = (choice ?? ArmChoice(name: "", crew: .specialists)).arm(
      partitions: known, lineage: lineageEnabled)
    let members = arm.members.filter { specialists?.contains($0.specialist) ?? true }.compactMap {
      task.file.partition(of: $0.specialist, owning: $0.partitions)
    }
    let brief = brief(of: task, members, notes: arm.knowledge)
    func techniques(_ agent: String) throws -> TechniqueLibrary? {
      try agents?.settings(of: agent).techniques.map(Self.techniques)
    }
    let view = "(Here comes the lineage's view, once the baseline is measured.)"
    let lineage = lineageEnabled ? LineageKnowledge(trials: [], incumbent: 0) : nil
    let proposers = try members.map { member in
      let knowledge = knowledge(of: task, member.scope)
      let prompts = PromptBuilder(
        brief: brief, task: knowledge, specialist: member.name, hasLineage: lineageEnabled,
        techniques: try techniques(member.name))
      let state = ResearchState(task: knowledge, specialist: member.name, iteration: 0, lineage: lineage)
      return Prompt(
        specialist: member.name, system: prompts.system.joined(separator: "\n\n"),
        message: prompts.opening(state, parent: 0, view: lineageEnabled ? view : nil))
    }
    let analysts = try arm.analysts.map { analyst in
      let knowledge = knowledge(of: task, EditScope(files: [:]))
      let prompts = AnalystPrompt(
        brief: brief, task: knowledge, analyst: analyst, techniques: try techniques(analyst))
      let state = ResearchState(task: knowledge, specialist: analyst, iteration: 0, lineage: lineage)
      return Prompt(
        specialist: analyst, system: prompts.system.joined(separator: "\n\n"),
        message: prompts.opening(state, view: view))
    }
    return proposers + analysts
  }

  private static func techniques(_ folder: String) throws -> TechniqueLibrary {
    do {
      return try TechniqueLibrary(folder: folder)
    } catch {
      throw SupervisorError(.usage, error.message)
    }
  }

  private static func brief(
    of task: ResearchTask, _ members: [TaskFile.Partition], notes: Bool
  ) -> ResearchBrief {
    ResearchBrief(
      name: task.name, title: task.file.title, summary: task.file.summary,
      gates: task.file.gates.map { gate in
        let threshold = gate.threshold.text
        return ResearchBrief.gate(
          gate.metric, atLeast: gate.bound == .atLeast ? threshold : "",
          atMost: gate.bound == .atMost ? threshold : "", confidence: gate.confidence.text)
      },
      rules: task.file.rules.statics.map { "\($0.id): \($0.why)" },
      partitions: members.map { .init(name: $0.name, title: $0.title, scope: $0.scope.summary) },
      knowledge: notes ? task.knowledge.map { .init(path: $0.path, text: $0.text) } : [],
      seedsPerTrial: task.file.seeds.perTrial)
  }

  private static func knowledge(of task: ResearchTask, _ scope: EditScope) -> TaskKnowledge {
    func seconds(_ limits: TaskFile.Limits) -> Double {
      limits.cpuSeconds > 0 ? limits.cpuSeconds : limits.wallSeconds
    }
    return TaskKnowledge(
      name: task.name,
      metric: .init(
        name: task.metric.name, unit: task.metric.unit, lowerIsBetter: task.metric.direction == .minimize,
        smallestEffect: task.metric.smallestEffect.value),
      caps: .init(
        artifactBytes: Double(task.file.train.outputs.map(\.maximumBytes).reduce(0, +)),
        trainSeconds: seconds(task.file.train.limits), predictSeconds: seconds(task.file.predict.limits),
        recipeBytes: task.file.recipeMaximumBytes),
      scope: scope, baseline: task.baseline)
  }
}
