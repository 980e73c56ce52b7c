import AssayAgent
public import AssayAgentsFile
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
  ///   - agents: whose technique libraries are shown.
  public static func prompts(
    task name: String, specialists: [String]?, lineageEnabled: Bool, agents: AgentsFile? = nil
  ) throws -> [Prompt] {
    let task = try OwnTask.load(named: name).task
    let brief = brief(of: task)
    let known = task.partitions.map(\.name)
    for name in specialists ?? [] where !known.contains(name) {
      throw SupervisorError(
        .usage, "task \(task.name) has no specialist '\(name)'. It has: \(known.joined(separator: ", ")).")
    }
    return try task.partitions.filter { specialists?.contains($0.name) ?? true }.map { partition in
      let knowledge = knowledge(of: task, partition)
      let prompts = PromptBuilder(
        brief: brief, task: knowledge, specialist: partition.name, hasLineage: lineageEnabled,
        techniques: try agents?.settings(of: partition.name).techniques.map(Self.techniques))
      let state = ResearchState(
        task: knowledge, specialist: partition.name, iteration: 0,
        lineage: lineageEnabled ? LineageKnowledge(trials: [], incumbent: 0) : nil)
      return Prompt(
        specialist: partition.name, system: prompts.system.joined(separator: "\n\n"),
        message: prompts.opening(
          state, parent: 0,
          view: lineageEnabled ? "(Here comes the lineage's view, once the baseline is measured.)" : nil))
    }
  }

  private static func techniques(_ folder: String) throws -> TechniqueLibrary {
    do {
      return try TechniqueLibrary(folder: folder)
    } catch {
      throw SupervisorError(.usage, error.message)
    }
  }

  private static func brief(of task: ResearchTask) -> ResearchBrief {
    ResearchBrief(
      name: task.name, title: task.file.title, summary: task.file.summary,
      gates: task.file.gates.map { gate in
        let threshold = gate.threshold.text
        return ResearchBrief.gate(
          gate.metric, atLeast: gate.bound == .atLeast ? threshold : "",
          atMost: gate.bound == .atMost ? threshold : "", confidence: gate.confidence.text)
      },
      rules: task.file.rules.statics.map { "\($0.id): \($0.why)" },
      partitions: task.partitions.map { .init(name: $0.name, title: $0.title, scope: $0.scope.summary) },
      knowledge: task.knowledge.map { .init(path: $0.path, text: $0.text) },
      seedsPerTrial: task.file.seeds.perTrial)
  }

  private static func knowledge(of task: ResearchTask, _ partition: TaskFile.Partition) -> TaskKnowledge {
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
      scope: partition.scope, baseline: task.baseline)
  }
}
