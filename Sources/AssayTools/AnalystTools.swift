public import AssayAgent
public import AssayModel
import AssayPatch
public import AssayReflection

/// The tools of one session of an analyst: they read the record, and write insights. None edits, tries or submits a recipe.
public actor AnalystTools: ToolProvider {
  /// Insights that one session may write.
  public static let maximumInsights = 3
  private static let reading: [ToolName] = [.listTrials, .showTrial, .readSnapshot]

  public nonisolated let definitions: [ToolDefinition]
  private let record: ResearchTools
  private let trials: Set<Int>
  private let write: @Sendable (Lesson) async throws -> Void
  /// What was written.
  public private(set) var insights: [Lesson] = []
  /// Whether the analyst has said that it is done, or has written as much as it may.
  public private(set) var isFinished = false

  /// - Parameters:
  ///   - views: answers what is asked of the lineage; nil to answer from `state`.
  ///   - write: writes one insight; the record has it when it returns.
  public init(
    state: ResearchState, reader: RecipeReader, views: SessionViews? = nil,
    write: @escaping @Sendable (Lesson) async throws -> Void
  ) {
    record = ResearchTools(
      state: state, parent: 0, copy: MemoryWorkingCopy(state.task.baseline), reader: reader,
      motive: "analyst",
      views: views, only: Set(Self.reading))
    definitions = record.definitions + [Self.writing, Self.ending]
    trials = Set(state.lineage?.trials.map(\.number) ?? [])
    self.write = write
  }

  /// Calls a tool. Every mistake of the caller is an answer, marked as an error, with the remedy in it.
  public func call(_ name: String, _ arguments: JSONValue) async -> ToolOutcome {
    guard !isFinished else {
      return ToolOutcome("this session is over; what was written stays written", isError: true)
    }
    do throws(ToolError) {
      switch name {
      case Self.writing.name:
        return ToolOutcome(try await writeInsight(try ToolArguments(arguments, known: ["text", "trials"])))
      case Self.ending.name:
        _ = try ToolArguments(arguments, known: [])
        isFinished = true
        return ToolOutcome("the session is over")
      default:
        guard definitions.contains(where: { $0.name == name }) else {
          let names = definitions.map(\.name).joined(separator: ", ")
          throw ToolError("there is no tool '\(UntrustedText.line(name, limit: 60))'; there are \(names)")
        }
        return await record.call(name, arguments)
      }
    } catch {
      return ToolOutcome(error.message, isError: true)
    }
  }

  private func writeInsight(_ arguments: ToolArguments) async throws(ToolError) -> String {
    let said = try arguments.requiredText("text", limit: Lesson.maximumBytes)
    // One line of plain characters: it is shown to others as a quotation.
    let text = UntrustedText.line(said, limit: Lesson.maximumBytes + 1)
    guard text.count(where: { !$0.isWhitespace }) >= 20 else {
      throw ToolError("the insight says too little; write a sentence that helps whoever proposes next")
    }
    let numbers = try arguments.requiredNumbers(
      "trials", in: 0...1_000_000_000, limit: Lesson.maximumTrials)
    if let unknown = numbers.first(where: { !trials.contains($0) }) {
      throw ToolError("trial \(unknown) was not in the record when this session began; name others")
    }
    guard !insights.contains(where: { $0.text == text }) else {
      throw ToolError("this session has written the same already; say something else, or call finish")
    }
    let lesson = Lesson(text: text, trials: Array(Set(numbers)).sorted())
    do {
      try await write(lesson)
    } catch {
      throw ToolError(
        "it was not written (\(UntrustedText.line("\(error)", limit: 200))); try again, or call finish")
    }
    insights.append(lesson)
    let left = Self.maximumInsights - insights.count
    isFinished = left <= 0
    return left > 0
      ? "written; this session may write \(left) more, or call finish" : "written; the session is over"
  }

  private static let writing = ToolDefinition(
    name: "write_insight",
    summary:
      "Writes one insight into the record, where all specialists see it as your words, in quotes. At most "
      + "\(maximumInsights) in a session.",
    schema: [
      "type": "object", "additionalProperties": false, "required": ["text", "trials"],
      "properties": [
        "text": [
          "type": "string",
          "description": .string(
            "What the trials amount to and what follows from it, at most \(Lesson.maximumBytes) bytes"),
        ],
        "trials": [
          "type": "array", "items": ["type": "integer"], "minItems": 1,
          "maxItems": .integer(Int64(Lesson.maximumTrials)),
          "description": "Numbers of the trials that it rests on",
        ],
      ],
    ])
  private static let ending = ToolDefinition(
    name: "finish", summary: "Ends this session. Use it too where nothing new is to be said.",
    schema: ["type": "object", "additionalProperties": false, "properties": [:], "required": []])
}
