public import AssayMessages
import AssayPatch
import Crypto

/// A task in words, as its evaluator describes it: what goes into a prompt and does not change in a run.
public struct ResearchBrief: Sendable, Hashable {
  public struct Partition: Sendable, Hashable {
    public var name: String
    public var title: String
    /// What may be edited, in words.
    public var scope: String

    public init(name: String, title: String, scope: String) {
      self.name = name
      self.title = title
      self.scope = scope
    }
  }
  public struct Note: Sendable, Hashable {
    public var path: String
    public var text: String

    public init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  public var name: String
  public var title: String
  public var summary: String
  public var gates: [String]
  public var rules: [String]
  public var partitions: [Partition]
  public var knowledge: [Note]
  public var seedsPerTrial: Int

  public init(
    name: String, title: String, summary: String, gates: [String], rules: [String], partitions: [Partition],
    knowledge: [Note], seedsPerTrial: Int
  ) {
    self.name = name
    self.title = title
    self.summary = summary
    self.gates = gates
    self.rules = rules
    self.partitions = partitions
    self.knowledge = knowledge
    self.seedsPerTrial = seedsPerTrial
  }

  public init(_ task: EvaluatorV1.TaskDescription) {
    name = task.name
    title = task.title
    summary = task.summary
    gates = task.gates.map {
      Self.gate($0.metric, atLeast: $0.atLeast, atMost: $0.atMost, confidence: $0.confidence)
    }
    rules = task.rules.map { "\($0.id): \($0.why)" }
    partitions = task.partitions.map { partition in
      let scope = partition.regions.map { region in
        region.sections.isEmpty
          ? "all of '\(region.file)'"
          : "section\(region.sections.count == 1 ? "" : "s") "
            + region.sections.map { "'\($0)'" }.joined(separator: ", ") + " of '\(region.file)'"
      }
      return Partition(name: partition.name, title: partition.title, scope: scope.joined(separator: "; "))
    }
    knowledge = task.knowledge.map { Note(path: $0.path, text: $0.text) }
    seedsPerTrial = Int(task.seedsPerTrial)
  }

  /// A gate in words, with what of the seeds has to meet it: where that is a bound, the mean to aim at lies beyond the threshold.
  ///
  /// - Parameters:
  ///   - atLeast: decimal text; empty where there is no such limit, as `atMost`.
  ///   - confidence: decimal text, one-sided; 0.5 asks for the mean alone. Empty where the evaluator does not say.
  public static func gate(_ metric: String, atLeast: String, atMost: String, confidence: String) -> String {
    let limits =
      metric + (atLeast.isEmpty ? "" : " at least \(atLeast)") + (atMost.isEmpty ? "" : " at most \(atMost)")
    guard let value = Double(confidence) else { return limits }
    if value <= 0.5 { return limits + " in the mean of the seeds" }
    let side = atLeast.isEmpty ? "upper" : "lower"
    return limits
      + " (by the \(side) bound of the seeds' mean with confidence \(confidence), not by the mean itself)"
  }

  /// SHA-256 of the knowledge, in hexadecimal: equal for runs whose agents were told the same.
  public var knowledgeDigest: String {
    var hash = SHA256()
    for note in knowledge {
      for part in [note.path, note.text] {
        hash.update(data: Array("\(part.utf8.count):".utf8))
        hash.update(data: Array(part.utf8))
      }
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
