import AssayPatch
import Foundation
import Yams

/// Reads a task folder in one pass and collects every mistake in it.
struct TaskReader {
  static let taskFile = "task.yaml"

  let folder: TaskFolder
  var diagnostics: [TaskDiagnostic]
  /// The task file, once all its parts could be read.
  private(set) var file: TaskFile?
  /// What the task file says but for its rules, in a form of its own.
  private(set) var frame: [UInt8] = []
  var baseline = RecipeTree()
  private(set) var harness = RecipeTree()
  private(set) var notes: [ResearchTask.Note] = []
  var packages: [String] = []
  /// The sections of every recipe file that could be read.
  var sections: [String: Sections] = [:]
  /// What the task is called, for messages.
  let reference: TaskReference
  /// Where the recipe's files are, the first folder that has one before the others.
  var recipeFolders = ["recipe"]
  private(set) var upstream: TaskFile.Upstream?
  /// Whether files of ``upstream`` have to be fetched before the task can be used.
  var isUpstreamMissing = false

  init(_ reference: TaskReference) throws(TaskError) {
    self.reference = reference
    folder = try TaskFolder(reference.directory)
    diagnostics = folder.diagnostics
    readHarness()
    guard let bytes = folder.bytes(Self.taskFile, limit: YAMLDocument.maximumBytes + 1) else {
      report(
        Self.taskFile, nil, folder.contains(Self.taskFile) ? "it cannot be read" : "it is missing",
        "write it; 'assay task new NAME' makes a folder to start from")
      return
    }
    let document = YAMLDocument(file: Self.taskFile, bytes: bytes)
    diagnostics += document.diagnostics
    if let written = document.root {
      let root = try resolve(written, reference.profile)
      file = read(root)
      frame = YAMLDocument.canonical(root, without: "rules")
    }
    diagnostics = diagnostics.enumerated().sorted { one, other in
      let a = (one.element.file, one.element.line ?? 0, one.offset)
      let b = (other.element.file, other.element.line ?? 0, other.offset)
      return a < b
    }.map(\.element)
  }

  // MARK: Reporting

  mutating func report(
    _ file: String, _ line: Int?, _ message: String, _ remedy: String,
    severity: TaskDiagnostic.Severity = .error
  ) {
    diagnostics.append(
      TaskDiagnostic(severity: severity, file: file, line: line, message: message, remedy: remedy))
  }

  mutating func error(_ node: Node?, _ message: String, _ remedy: String) {
    report(Self.taskFile, node?.mark?.line, message, remedy)
  }

  mutating func warn(_ node: Node?, _ message: String, _ remedy: String) {
    report(Self.taskFile, node?.mark?.line, message, remedy, severity: .warning)
  }

  // MARK: The task file

  private mutating func read(_ root: Node) -> TaskFile? {
    guard
      let top = mapping(
        root, "",
        [
          .required("assay", "1"), .required("name", "my-task"), .required("title", "My task"),
          .optional("summary"),
          .required(
            "metric",
            "{name: loss, direction: minimize, unit: nats, "
              + "smallest_effect: \"0.01\", source: score}"),
          .optional("gates"), .optional("compute"), .optional("rules"),
          .required("recipe", "{files: [recipe.py], max_bytes: 65536}"),
          .required("partitions", "{model: {title: Model, edits: [{file: recipe.py, whole: true}]}}"),
          .optional("seeds"), .required("train", "{command: [...], outputs: [...], cpu_seconds: 10, ...}"),
          .required("predict", "{command: [...], outputs: [...], cpu_seconds: 10, ...}"),
          .required(
            "score", "{command: [\"{python}\", /scorer/score.py], wall_seconds: 60, memory_mb: 1024}"),
          .optional("probe"), .optional("environment"), .optional("knowledge"), .optional("upstream"),
        ])
    else { return nil }
    let version = integer(top, "assay", 1...1000)
    if let version, version != TaskFile.formatVersion {
      error(
        top["assay"],
        "the task file has format \(version), this program reads format \(TaskFile.formatVersion)",
        "write 'assay: \(TaskFile.formatVersion)', or use a newer version of the program")
    }
    var name = string(top, "name")
    if let profile = reference.profile { name = name.map { "\($0)-\(profile)" } }
    if let name, name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,62}/) == nil {
      error(
        top["name"], "the name '\(shown(name))' is not usable",
        "use small letters, digits and dashes, at most 63")
    }
    let title = string(top, "title")
    let summary = string(top, "summary") ?? ""
    let metric = readMetric(top)
    let gates = readGates(top)
    let rules = readRules(top)
    upstream = readUpstream(top)
    if let upstream { verify(upstream) }
    let recipe = readRecipe(top)
    let partitions = readPartitions(top, files: recipe?.files ?? [])
    let seeds = readSeeds(top)
    let train = readPhase(top, "train", ["{python}", "{seed}", "{budget}"])
    let predict = readPhase(top, "predict", ["{python}"])
    let score = readScore(top)
    let probe = readProbe(top, train: train)
    let compute = readCompute(top, train: train, metric: metric)
    let environment = readEnvironment(top)
    let knowledge = readKnowledge(top)
    if let line = top["train"]?.mark?.line, let train,
      !train.command.contains(where: { $0.contains("{seed}") })
    {
      report(
        Self.taskFile, line, "the training command does not use {seed}",
        "pass {seed} on, so that runs with different seeds differ", severity: .warning)
    }
    guard !diagnostics.contains(where: { $0.severity == .error }), let name, let title, let metric,
      let recipe,
      let train, let predict, let score
    else { return nil }
    return TaskFile(
      name: name, title: title, summary: summary, metric: metric, gates: gates, compute: compute,
      rules: rules,
      recipeFiles: recipe.files,
      recipeMaximumBytes: recipe.maximumBytes, partitions: partitions, seeds: seeds, train: train,
      predict: predict, probe: probe, score: score, environment: environment, upstream: upstream,
      knowledge: knowledge)
  }

  private mutating func readMetric(_ top: Fields) -> TaskFile.Metric? {
    guard let node = top["metric"],
      let fields = mapping(
        node, "metric",
        [
          .required("name", "loss"), .required("direction", "minimize"), .required("unit", "nats"),
          .required("smallest_effect", "\"0.01\""), .required("source", "score"),
        ])
    else { return nil }
    let name = metricName(fields, "name")
    let direction: TaskFile.Metric.Direction? = choice(fields, "direction")
    let source: TaskFile.Metric.Source? = choice(fields, "source")
    let unit = string(fields, "unit")
    let effect = decimal(fields, "smallest_effect")
    if let effect, effect.value < 0 {
      error(
        fields["smallest_effect"], "'metric.smallest_effect' is negative",
        "write the size of the effect, 0 or more")
    }
    guard let name, let direction, let source, let unit, let effect else { return nil }
    return .init(name: name, direction: direction, unit: unit, smallestEffect: effect, source: source)
  }

  private mutating func readPartitions(_ top: Fields, files: [String]) -> [TaskFile.Partition] {
    var partitions: [TaskFile.Partition] = []
    var owners: [String: String] = [:]
    guard let node = top["partitions"] else { return [] }
    guard let pairs = pairs(node, "partitions") else { return [] }
    if pairs.isEmpty {
      error(
        node, "'partitions' is empty", "name at least one, for example model: {title: Model, edits: [...]}")
    }
    for (name, entry) in pairs {
      let path = "partitions.\(shown(name))"
      if name.wholeMatch(of: /[a-z][a-z0-9_-]{0,31}/) == nil {
        error(
          entry, "the partition name '\(shown(name))' is not usable", "use small letters, digits, '_' and '-'"
        )
      }
      guard
        let fields = mapping(
          entry, path,
          [.required("title", "Model"), .required("edits", "[{file: recipe.py, sections: [model]}]")])
      else { continue }
      let title = string(fields, "title")
      var scope: [String: EditScope.Extent] = [:]
      let edits = list(fields, "edits")
      if edits.isEmpty, fields["edits"] != nil {
        error(fields["edits"], "'\(path).edits' is empty", "name a file that this specialist may edit")
      }
      for (index, edit) in edits.enumerated() {
        readEdit(edit, "\(path).edits[\(index)]", files, &scope)
      }
      for (file, extent) in scope.sorted(by: { $0.key < $1.key }) {
        let parts: [String] =
          switch extent {
          case .whole: sections[file]?.names ?? [Sections.preamble]
          case .sections(let names): names.sorted()
          }
        let shared = parts.filter { owners["\(file)/\($0)"] != nil }
        if let first = shared.first, let other = owners["\(file)/\(first)"] {
          warn(
            entry,
            "the partitions '\(other)' and '\(shown(name))' may both edit section '\(first)' of '\(file)'",
            "that is allowed; give each section one owner if it is not meant")
        }
        for part in parts { owners["\(file)/\(part)"] = owners["\(file)/\(part)"] ?? name }
      }
      guard let title else { continue }
      partitions.append(.init(name: name, title: title, scope: EditScope(files: scope)))
    }
    return partitions
  }

  private mutating func readEdit(
    _ node: Node, _ path: String, _ files: [String], _ scope: inout [String: EditScope.Extent]
  ) {
    guard
      let fields = mapping(
        node, path, [.required("file", "recipe.py"), .optional("sections"), .optional("whole")]),
      let file = string(fields, "file")
    else { return }
    let known = files.map { "'\($0)'" }.joined(separator: ", ")
    if !files.contains(file) {
      error(
        fields["file"], "'\(path).file' names '\(shown(file))', which recipe.files does not list",
        files.isEmpty ? "list it under recipe.files" : "name one of \(known), or list it under recipe.files")
    }
    if scope[file] != nil {
      error(node, "'\(path)' names '\(shown(file))' again", "put all its sections into one entry")
    }
    switch (fields["sections"], fields["whole"]) {
    case (nil, let whole?):
      guard whole.string == "true", isPlain(whole) else {
        error(whole, "'\(path).whole' is not true", "write whole: true, or name sections instead")
        return
      }
      scope[file] = .whole
    case (_?, nil):
      var names: Set<String> = []
      for (name, entry) in strings(fields, "sections", atLeastOne: "[model]") {
        if let present = sections[file], present[name] == nil {
          let those = present.names.map { "'\($0)'" }.joined(separator: ", ")
          error(
            entry, "recipe/\(file) has no section '\(shown(name))'",
            "add a line '# --- section: \(shown(name)) ---' to it, or name one of \(those)")
        }
        if !names.insert(name).inserted {
          error(entry, "the section '\(shown(name))' is listed twice", "list it once")
        }
      }
      scope[file] = .sections(names)
    default:
      error(
        node, "'\(path)' does not say which part of the file", "write either sections: [...] or whole: true")
    }
  }

  private mutating func readSeeds(_ top: Fields) -> TaskFile.Seeds {
    var seeds = TaskFile.Seeds(perTrial: 1, baseline: 3, final: 3, confirm: 0)
    guard let node = top["seeds"],
      let fields = mapping(
        node, "seeds",
        [.optional("per_trial"), .optional("baseline"), .optional("final"), .optional("confirm")])
    else { return seeds }
    seeds.perTrial = integer(fields, "per_trial", 1...64) ?? seeds.perTrial
    seeds.baseline = integer(fields, "baseline", 1...64) ?? seeds.baseline
    seeds.final = integer(fields, "final", 1...64) ?? seeds.final
    seeds.confirm = integer(fields, "confirm", 0...64) ?? seeds.confirm
    if seeds.confirm == 1 {
      error(
        fields["confirm"] ?? node, "one seed cannot confirm anything",
        "write confirm: 3 or more, or 0 to keep at once")
    }
    if seeds.baseline == 1 {
      warn(
        fields["baseline"], "one baseline seed does not show the noise",
        "write baseline: 3 or more, so that luck is not kept")
    }
    return seeds
  }

  private mutating func readScore(_ top: Fields) -> TaskFile.Score? {
    guard let node = top["score"],
      let fields = mapping(
        node, "score",
        [
          .required("command", "[\"{python}\", /scorer/score.py]"), .required("wall_seconds", "60"),
          .required("memory_mb", "1024"),
        ])
    else { return nil }
    if !folder.contains("scorer/score.py") {
      report(
        "scorer/score.py", nil, "the scorer is missing",
        "write it with the subcommands 'inputs' and 'judge'; 'assay task new NAME' shows one")
    }
    let command = readCommand(fields, "score", ["{python}"])
    let wall = seconds(fields, "wall_seconds")
    let memory = integer(fields, "memory_mb", 1...(1 << 22))
    guard let command, let wall, let memory else { return nil }
    return .init(command: command, wallSeconds: wall, memoryBytes: memory << 20)
  }

  mutating func readCommand(_ fields: Fields, _ key: String, _ placeholders: Set<String>) -> [String]? {
    guard fields["command"] != nil else { return nil }
    let words = strings(fields, "command", atLeastOne: "[\"{python}\", /harness/\(key).py]")
    for (word, node) in words {
      for match in word.matches(of: /\{[^{}]*\}/) where !placeholders.contains(String(match.output)) {
        error(
          node, "'\(key).command' uses the unknown placeholder \(shown(String(match.output)))",
          "use \(placeholders.sorted().joined(separator: ", "))")
      }
      if word.unicodeScalars.contains(where: { $0.value == 0 }) {
        error(node, "'\(key).command' holds a zero byte", "remove it")
      }
      for place in ["harness", "scorer"] where word.hasPrefix("/\(place)/") {
        if key != "score", place == "scorer" {
          error(
            node, "'\(key).command' names \(shown(word)), which only the evaluator sees",
            "put what the recipe's phases run into harness/")
        } else if !folder.contains(String(word.dropFirst())) {
          error(
            node, "'\(key).command' names \(shown(word)), which is missing",
            "write \(word.dropFirst()) in the folder")
        }
      }
    }
    if let (first, node) = words.first, first != "{python}", !first.hasPrefix("/") {
      error(
        node, "'\(key).command' begins with '\(shown(first))', which is no absolute path",
        "begin with \"{python}\" or an absolute path; there is no shell and no search path")
    }
    return words.isEmpty ? nil : words.map(\.0)
  }

  private mutating func readKnowledge(_ top: Fields) -> [String] {
    var paths: [String] = []
    guard top["knowledge"] != nil else { return [] }
    for (path, node) in strings(top, "knowledge", atLeastOne: nil) {
      guard check(path: path, node) else { continue }
      guard path.hasPrefix("knowledge/") else {
        error(
          node, "'\(shown(path))' is not in knowledge/",
          "keep notes for agents in knowledge/; nothing else is shown to them")
        continue
      }
      guard let bytes = folder.bytes(path, limit: 256 << 10) else {
        error(
          node, folder.contains(path) ? "'\(path)' is larger than 256 KiB" : "'\(path)' is missing",
          "write it, shorten it, or take it off the list")
        continue
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        report(path, nil, "it is not UTF-8 text", "save it as UTF-8")
        continue
      }
      paths.append(path)
      notes.append(.init(path: path, text: text))
    }
    return paths
  }

  private mutating func readHarness() {
    let files = folder.files(below: "harness")
    if files.isEmpty {
      report(
        "harness", nil, "the harness is missing",
        "write harness/train.py and harness/predict.py; 'assay task new NAME' shows them")
    }
    var tree: [String: [UInt8]] = [:]
    for file in files {
      guard let bytes = folder.bytes("harness/" + file) else {
        report("harness/" + file, nil, "it is larger than 8 MiB", "make large files in data/prepare.py")
        continue
      }
      tree[file] = bytes
    }
    do {
      harness = try RecipeTree(tree)
    } catch {
      report("harness", nil, error.message, "rename or shorten the files there")
    }
    if !folder.contains("data/prepare.py") {
      report(
        "data/prepare.py", nil, "the data preparation is missing",
        "write it: 'prepare.py --out DIR' makes DIR/train, DIR/heldout and DIR/sealed")
    }
  }

  // MARK: Small checks

  mutating func metricName(_ fields: Fields, _ key: String) -> String? {
    guard let name = string(fields, key) else { return nil }
    if name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]{0,63}/) == nil {
      error(fields[key], "the metric name '\(shown(name))' is not usable", "use letters, digits and '_'")
    }
    return name
  }

  mutating func check(path: String, _ node: Node?) -> Bool {
    do {
      try RecipePath.validate(path)
      return true
    } catch {
      self.error(node, error.message, "name a file inside the folder")
      return false
    }
  }
}

/// A short form of an author's text for messages.
func shown(_ text: String) -> String {
  let line = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }.prefix(60)
  return String(String.UnicodeScalarView(line)) + (text.unicodeScalars.count > 60 ? "..." : "")
}
