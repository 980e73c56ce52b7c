import AssayModel
import AssayReflection

/// What callers are told of each tool: name, use, and the schema of its arguments.
enum ToolCatalog {
  static func definition(_ tool: ToolName) -> ToolDefinition {
    ToolDefinition(name: tool.rawValue, summary: summary(tool), schema: schema(tool))
  }

  /// The names of the arguments that a tool takes.
  static func arguments(_ tool: ToolName) -> [String] { fields(tool).map(\.name) }

  private static func summary(_ tool: ToolName) -> String {
    switch tool {
    case .listFiles: "Lists the files of your working copy with their sizes, and what of them you may edit."
    case .readFile:
      "Reads a file of your working copy, its lines numbered. The numbers are not part of the file."
    case .search: "Finds lines of your working copy that contain a text. No pattern: the text as it is."
    case .editFile:
      "Replaces a text in a file of your working copy. `old` has to occur exactly once, white space included; give more lines "
        + "around it if it occurs more often, or set `all`."
    case .diff: "Shows what your working copy changes against the trial that it is based on."
    case .checkSyntax:
      "Reads your working copy as Python, without running it, and checks that it stays within your partition."
    case .project:
      "Tells the caps on size and time, what the trial you are based on used of them, and what your working copy adds to the "
        + "recipe's size. Use it before you submit something larger or slower."
    case .smokeRun:
      "Runs your working copy for some seconds on a runner, to see that it starts and does not fail at once. It is never scored and "
        + "is no trial; its time is charged to the run. Tells how it ended, time, memory, bytes of its outputs, and the end of "
        + "what it printed."
    case .listTrials:
      "Lists trials of the run: best_lineage (from the best up to the baseline), leaderboard, recent, failures, in_flight, own, "
        + "kept, orphaned (kept, and no part of the best), or subtree (of `trial`)."
    case .showTrial:
      "Shows one trial: verdict, measured budgets, hypothesis, its edit, and the end of its log."
    case .readSnapshot: "Reads a file of the recipe that a trial ran, 0 for the baseline."
    case .rebase:
      "Bases your working copy on another trial's recipe, 0 for the baseline. What you edited is kept where it does not collide; "
        + "with `discard` it is thrown away."
    case .recombine:
      "Adds the edit of another trial (its difference to its own parent) to your working copy. Only parts of your partition can "
        + "be submitted."
    case .submit:
      "Submits your working copy as a trial and ends this session. The evaluator measures it; you see the verdict in the next "
        + "session."
    }
  }

  private struct Field {
    var name: String
    var kind: String
    var about: String
    var required = false
    var choices: [String] = []
  }

  private static func fields(_ tool: ToolName) -> [Field] {
    let path = Field(
      name: "path", kind: "string", about: "A file of the recipe, such as recipe.py", required: true)
    let window = [
      Field(name: "first_line", kind: "integer", about: "First line, from 1"),
      Field(name: "lines", kind: "integer", about: "How many lines, at most 1000"),
    ]
    let trial = Field(
      name: "trial", kind: "integer", about: "Number of a trial; 0 is the baseline", required: true)
    switch tool {
    case .listFiles, .diff, .checkSyntax, .project: return []
    case .readFile: return [path] + window
    case .smokeRun:
      return [Field(name: "seconds", kind: "integer", about: "At most so many, 20 by default, 120 at most")]
    case .search:
      return [
        Field(name: "text", kind: "string", about: "What to find", required: true),
        Field(name: "path", kind: "string", about: "Only in this file"),
        Field(name: "ignore_case", kind: "boolean", about: "Whether A finds a"),
      ]
    case .editFile:
      return [
        path, Field(name: "old", kind: "string", about: "The text as it stands in the file", required: true),
        Field(name: "new", kind: "string", about: "What to put in its place", required: true),
        Field(name: "all", kind: "boolean", about: "Replace every occurrence"),
      ]
    case .listTrials:
      return [
        Field(
          name: "view", kind: "string", about: "Which trials", required: true,
          choices: TrialSelection.allCases.map(\.rawValue)),
        Field(name: "trial", kind: "integer", about: "Root of subtree"),
        Field(name: "limit", kind: "integer", about: "At most so many, 20 by default, 100 at most"),
      ]
    case .showTrial: return [trial]
    case .readSnapshot: return [trial, path] + window
    case .rebase:
      return [trial, Field(name: "discard", kind: "boolean", about: "Throw away what you edited")]
    case .recombine: return [trial]
    case .submit:
      return [
        Field(
          name: "hypothesis", kind: "string",
          about: "Why the edit should improve the score, in one or two sentences of your own", required: true),
        Field(
          name: "expected_delta", kind: "number",
          about: "Predicted change of the score, in the metric's unit and sign"),
        Field(name: "notes", kind: "string", about: "For whoever reads the trial later"),
      ]
    }
  }

  private static func schema(_ tool: ToolName) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for field in fields(tool) {
      var property: [String: JSONValue] = ["type": .string(field.kind), "description": .string(field.about)]
      if !field.choices.isEmpty { property["enum"] = .array(field.choices.map { .string($0) }) }
      properties[field.name] = .object(property)
    }
    return [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
      "required": .array(fields(tool).filter(\.required).map { .string($0.name) }),
    ]
  }
}
