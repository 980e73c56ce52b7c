import AssayTask
import Foundation
import Testing

@Suite struct TaskDiagnosticsTests {
  /// One change of the template's task file, and what the check must say of it.
  struct Case: CustomTestStringConvertible, Sendable {
    var old: String
    var new: String
    var message: String
    var remedy: String
    var testDescription: String { "\(old) -> \(new)" }

    init(_ old: String, _ new: String, _ message: String, _ remedy: String) {
      self.old = old
      self.new = new
      self.message = message
      self.remedy = remedy
    }
  }

  @Test(arguments: [
    Case("assay: 1", "assay: 2", "format 2, this program reads format 1", "write 'assay: 1'"),
    Case(
      "assay: 1", "assay: one", "'assay' is the text 'one' where a whole number belongs",
      "digits without quotes"),
    Case(
      "name: sample", "name: My Task", "the name 'My Task' is not usable", "small letters, digits and dashes"),
    Case("name: sample\n", "", "the key 'name' is missing", "add 'name: my-task'"),
    Case(
      "title: Which spiral does a point belong to", "title: 5", "the value 5 where text belongs",
      "put it in quotes"),
    Case("title: Which", "titel: Which", "the key 'titel' is unknown", "did you mean 'title'?"),
    Case(
      "assay: 1", "assay: 1\nsomething_else: 1", "the key 'something_else' is unknown",
      "remove it; the keys here are"),
    Case(
      "direction: minimize", "direction: down", "'metric.direction' is 'down'",
      "write one of minimize, maximize"),
    Case(
      "source: score", "source: stdout", "'metric.source' is 'stdout'",
      "write one of score, train_cpu_seconds, train_wall_seconds"),
    Case("smallest_effect: \"0.005\"", "smallest_effect: 5e-3", "is no decimal number", "no exponent"),
    Case("smallest_effect: \"0.005\"", "smallest_effect: \"-1\"", "is negative", "0 or more"),
    Case(", unit: nats", "", "the key 'metric.unit' is missing", "add 'unit: nats'"),
    Case(
      "metric: {name: log_loss,", "metric: {name: log-loss,", "'log-loss' is not usable",
      "letters, digits and '_'"),
    Case(
      "at_least: \"0.5\"", "at_least: \"half\"", "'gates[0].at_least' is no decimal number",
      "digits and a point"),
    Case(
      "at_least: \"0.5\"", "at_least: \"0.5\", at_most: \"1\"", "exactly one bound", "at_least: \"0.9\" or"),
    Case(", at_least: \"0.5\"", "", "exactly one bound", "at_least: \"0.9\" or at_most: \"0.1\""),
    Case(
      "confidence: 0.95", "confidence: 95", "'gates[0].confidence' is 95", "or 0.5 for the mean alone"),
    Case(
      "gates:", "compute: [{fix: samples, at: \"5\", tolerance: \"5%\"}]\ngates:",
      "'compute[0].fix' is 'samples'", "train_cpu_seconds"),
    Case(
      "gates:", "compute: [{fix: train_cpu_seconds, at: \"4.9\", tolerance: \"5%\"}]\ngates:",
      "allows more than train.cpu_seconds", "raise train.cpu_seconds"),
    Case(
      "gates:", "compute: [{fix: train_cpu_seconds, at: \"3\", tolerance: 5}]\ngates:",
      "'compute[0].tolerance' is the value 5", "put it in quotes"),
    Case(
      "gates:", "compute: [{fix: train_cpu_seconds, at: \"3\", tolerance: \"70%\"}]\ngates:",
      "is '70%'", "such as"),
    Case(
      "gates:", "probe: {budget_seconds: 3, cpu_seconds: 4}\ngates:",
      "'probe.budget_seconds' is not less than train.budget_seconds", "a fraction of it"),
    Case(
      "gates:", "probe: {budget_seconds: 1, cpu_seconds: 5}\ngates:",
      "'probe.cpu_seconds' is not less than train.cpu_seconds", "saves nothing"),
    Case(
      "gates:", "probe: {budget_seconds: 1, cpu_seconds: 2, enforce: maybe}\ngates:",
      "'probe.enforce' is neither true nor false", "write enforce: true or enforce: false"),
    Case(
      "files: [recipe.py]", "files: recipe.py", "the text 'recipe.py' where a list belongs",
      "write files: [...]"),
    Case("files: [recipe.py]", "files: []", "'recipe.files' is empty", "write files: [recipe.py]"),
    Case(
      "files: [recipe.py]", "files: [recipe.py, more.py]", "recipe/more.py is missing",
      "put the baseline there"),
    Case("files: [recipe.py]", "files: [recipe.py, recipe.py]", "listed twice", "list it once"),
    Case(
      "files: [recipe.py]", "files: [recipe.py, ../task.yaml]", "'.' or '..' component", "inside the folder"),
    Case("files: [recipe.py]", "files: [recipe.py, /etc/passwd]", "is absolute", "inside the folder"),
    Case("max_bytes: 32768", "max_bytes: 100", "max_bytes is 100", "raise max_bytes or shorten"),
    Case("max_bytes: 32768", "max_bytes: 0", "'recipe.max_bytes' is 0", "greater than zero"),
    Case(
      "sections: [model]", "sections: [modle]", "no section 'modle'",
      "'# --- section: modle ---' to it, or name one of"),
    Case(
      "sections: [model]", "sections: [model, model]", "the section 'model' is listed twice", "list it once"),
    Case("sections: [model]", "sections: []", "sections' is empty", "write sections: [model]"),
    Case("sections: [model]", "whole: false", "whole' is not true", "write whole: true"),
    Case(
      "sections: [model]", "whole: true, sections: [model]", "which part of the file",
      "either sections: [...] or whole"),
    Case(", sections: [model]", "", "which part of the file", "either sections: [...] or whole: true"),
    Case(
      "file: recipe.py, sections: [data]", "file: other.py, sections: [data]", "recipe.files does not list",
      "name one of 'recipe.py'"),
    Case("  opt: {", "  model: {", "the key 'model' is used twice", "give the other another name"),
    Case("  opt: {", "  Opt: {", "the partition name 'Opt' is not usable", "small letters"),
    Case("per_trial: 1", "per_trial: 0", "'seeds.per_trial' is 0", "greater than zero"),
    Case("per_trial: 1", "per_trial: 1000", "'seeds.per_trial' is 1000", "from 1 to 64"),
    Case(
      "per_trial: 1", "per_trial: \"1\"", "a text in quotes where a whole number belongs",
      "without quotes, per_trial: 3"),
    Case("\"{seed}\"", "\"{sead}\"", "unknown placeholder {sead}", "use {budget}, {python}, {seed}"),
    Case("--artifact, /artifact", "--artifact, \"{seed}\"", "unknown placeholder {seed}", "use {python}"),
    Case(
      "/harness/train.py", "/harness/trian.py", "names /harness/trian.py, which is missing",
      "write harness/trian.py"),
    Case("/harness/predict.py", "/scorer/score.py", "which only the evaluator sees", "into harness/"),
    Case(
      "[\"{python}\", /harness/train.py", "[python3, /harness/train.py", "is no absolute path",
      "begin with \"{python}\""),
    Case(
      "outputs: [{path: artifact.json, max_bytes: 4096}]", "outputs: []", "'train.outputs' is empty",
      "declare the file"),
    Case("{path: artifact.json,", "{path: ../artifact.json,", "'.' or '..' component", "inside the folder"),
    Case("max_bytes: 4096", "max_bytes: -5", "'train.outputs[0].max_bytes' is -5", "greater than zero"),
    Case(
      "[{path: artifact.json, max_bytes: 4096}]", "[{path: a, max_bytes: 1}, {path: a, max_bytes: 1}]",
      "declared twice", "declare it once"),
    Case("budget_seconds: 3", "budget_seconds: 9", "more than train.cpu_seconds", "less than it may use"),
    Case("budget_seconds: 3", "budget_seconds: 0.0", "'train.budget_seconds' is 0.0", "greater than zero"),
    Case("wall_seconds: 20", "wall_seconds: 9999999", "more than a week", "up to 604800"),
    Case(
      "wall_seconds: 20", "wall_seconds: soon", "the text 'soon' where a number of seconds", "without quotes"),
    Case("memory_mb: 256", "memory_mb: 0", "memory_mb' is 0", "greater than zero"),
    Case("  processes: 16", "  proceses: 16", "'train.proceses' is unknown", "did you mean 'processes'?"),
    Case("PYTHONHASHSEED: \"0\"", "PYTHONHASHSEED: 0", "the value 0 where text belongs", "put it in quotes"),
    Case("PYTHONHASHSEED: \"0\"", "PATH: \"/bin\"", "variables.PATH' is set by the runner", "remove it"),
    Case("PYTHONHASHSEED: \"0\"", "LD_PRELOAD: \"x\"", "is set by the runner", "remove it"),
    Case("PYTHONHASHSEED: \"0\"", "\"a-b\": \"0\"", "no name of a variable", "letters, digits and '_'"),
    Case("cores: 1", "cores: 0", "'environment.cores' is 0", "greater than zero"),
    Case(
      "environment: {", "environment: {requirements: none.txt, ", "'none.txt', which is missing",
      "leave the key out"),
    Case("[knowledge/notes.md]", "[knowledge/no.md]", "'knowledge/no.md' is missing", "take it off the list"),
    Case(
      "[knowledge/notes.md]", "[scorer/score.py]", "is not in knowledge/",
      "keep notes for agents in knowledge/"),
    Case(
      "[knowledge/notes.md]", "{a: b}", "'knowledge' is a mapping where a list belongs",
      "write knowledge: [...]"),
    Case("gates:\n", "gates: [\n", "it is not YAML", "indentation, quotes or brackets"),
    Case("partitions:\n", "partitions: {}\nother:\n", "'partitions' is empty", "name at least one"),
  ])
  func explains(_ mistake: Case) throws {
    let sample = try SampleTask()
    try sample.replace(mistake.old, mistake.new)
    let found = try sample.check()
    let match = found.first { $0.message.contains(mistake.message) && $0.remedy.contains(mistake.remedy) }
    let diagnostic = try #require(match, "\(found.map(\.description))")
    #expect(diagnostic.severity == .error)
    #expect(diagnostic.file == "task.yaml")
    #expect(throws: TaskError.self) { try ResearchTask.load(directory: sample.path) }
  }

  @Test func saysTheLine() throws {
    let sample = try SampleTask()
    try sample.replace("  cpu_seconds: 5", "  cpu_seconds: 0")
    let lines = try sample.read("task.yaml").split(separator: "\n", omittingEmptySubsequences: false)
    let expected = lines.indices.filter { lines[$0].contains("cpu_seconds: 0") }.map { $0 + 1 }
    let found = try sample.check()
    #expect(found.map(\.line) == expected)
    #expect(
      found.first?.description.hasPrefix("task.yaml:\(expected[0]): error: 'train.cpu_seconds' is 0; ")
        == true)
  }

  @Test func reportsEverythingInOnePass() throws {
    let sample = try SampleTask()
    try sample.replace("smallest_effect: \"0.005\"", "smallest_effect: x")
    try sample.replace("  opt: {", "  model: {")
    try sample.replace("sections: [data]", "sections: [dada]")
    try sample.replace("\"{seed}\"", "\"{sead}\"")
    try sample.replace("cores: 1", "cores: 0")
    try sample.remove("scorer/score.py")
    try sample.write("recipe/stray.py", "")
    let text = try sample.check().map(\.description).joined(separator: "\n")
    for part in [
      "is no decimal number", "'model' is used twice", "no section 'dada'", "{sead}",
      "'environment.cores' is 0",
      "scorer is missing", "not listed under recipe.files",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test(arguments: [
    ("task.yaml", "it is missing", "'assay task new NAME'"),
    ("scorer/score.py", "the scorer is missing", "subcommands 'inputs' and 'judge'"),
    ("data/prepare.py", "the data preparation is missing", "'prepare.py --out DIR'"),
    ("harness", "the harness is missing", "write harness/train.py and harness/predict.py"),
    ("recipe/recipe.py", "recipe/recipe.py is missing", "put the baseline there"),
  ])
  func missesFiles(file: String, message: String, remedy: String) throws {
    let sample = try SampleTask()
    try sample.remove(file)
    let found = try sample.check()
    #expect(found.contains { $0.message.contains(message) && $0.remedy.contains(remedy) }, "\(found)")
  }

  @Test func refusesLinksAndForeignFiles() throws {
    let sample = try SampleTask()
    try FileManager.default.createSymbolicLink(
      atPath: sample.path + "/data/link", withDestinationPath: "/etc/passwd")
    try sample.write("recipe/extra.py", "")
    try sample.write("recipe/__pycache__/recipe.pyc", "")
    try sample.write(".git/config", "")
    let found = try sample.check()
    #expect(found.map(\.file) == ["data/link", "recipe/extra.py"])
    #expect(found.first?.remedy.contains("replace the link by a copy") == true)
    #expect(found.last?.remedy.contains("list it there, or move it to harness/") == true)
  }

  @Test func explainsBrokenMarkersAndBytes() throws {
    let sample = try SampleTask()
    try sample.replace("# --- section: data ---", "#--- section: data ---", in: "recipe/recipe.py")
    let found = try sample.check()
    #expect(
      found.contains {
        $0.file == "recipe/recipe.py" && $0.message.contains("write '# --- section: NAME ---'")
      })
    try Data([0xff, 0x00]).write(to: URL(fileURLWithPath: sample.path + "/recipe/recipe.py"))
    #expect(
      try sample.check().contains {
        $0.message == "it is not UTF-8 text" && $0.remedy.contains("save it as UTF-8")
      })
  }

  @Test(arguments: [
    ("numpy", "not pinned to one version", "write name==version"),
    (
      "numpy>=1.0 --hash=sha256:\(String(repeating: "a", count: 64))", "not pinned",
      "pip-compile --generate-hashes"
    ),
    ("numpy==1.0", "'numpy==1.0' has no hash", "add --hash=sha256:..."),
    ("numpy==1.0 --hash=md5:abc", "is not a SHA-256 hash", "64 hexadecimal digits"),
    ("numpy @ https://example.org/x.whl", "not pinned", "write name==version"),
    ("-r other.txt", "the option '-r' is not taken", "list every package in this file"),
    ("-e .", "the option '-e' is not taken", "list every package in this file"),
  ])
  func explainsRequirements(line: String, message: String, remedy: String) throws {
    let sample = try SampleTask()
    try sample.replace("environment: {", "environment: {requirements: requirements.txt, ")
    try sample.write("requirements.txt", "# packages\n\n\(line)\n")
    let found = try sample.check()
    let diagnostic = try #require(
      found.first { $0.message.contains(message) && $0.remedy.contains(remedy) }, "\(found)")
    #expect(diagnostic.file == "requirements.txt")
    #expect(diagnostic.line == 3)
  }

  @Test func takesGoodRequirements() throws {
    let sample = try SampleTask()
    let hash = String(repeating: "0a", count: 32)
    try sample.replace("environment: {", "environment: {requirements: requirements.txt, ")
    try sample.write(
      "requirements.txt",
      "--only-binary :all:\nnumpy==2.1.0 \\\n    --hash=sha256:\(hash) \\\n    --hash=sha256:\(hash)\n"
        + "opt-einsum==3.4 ; python_version >= \"3.9\" --hash=sha256:\(hash)  # why\n")
    #expect(try sample.check().isEmpty)
    let task = try ResearchTask.load(directory: sample.path)
    #expect(task.packages == ["numpy==2.1.0", "opt-einsum==3.4"])
    #expect(task.requirementsDigest != nil)
  }

  @Test func warnsWithoutRefusing() throws {
    let sample = try SampleTask()
    try sample.replace("sections: [data]", "sections: [data, model]")
    try sample.replace("baseline: 3", "baseline: 1")
    try sample.replace(", --seed, \"{seed}\"", "")
    let task = try ResearchTask.load(directory: sample.path)
    #expect(task.warnings.allSatisfy { $0.severity == .warning })
    let text = task.warnings.map(\.description).joined(separator: "\n")
    #expect(text.contains("may both edit section 'model'"))
    #expect(text.contains("give each section one owner"))
    #expect(text.contains("write baseline: 3 or more"))
    #expect(text.contains("does not use {seed}"))
  }

  @Test func survivesHostileYAML() throws {
    let sample = try SampleTask()
    for text in [
      "", "[]", "5", "a: b", String(repeating: "[", count: 5000), String(repeating: "a: {", count: 900),
      String(repeating: "x", count: 300_000), "a: &a [*a]", "? {a: 1}\n: 2\n? {a: 1}\n: 3\n",
      "a: 1\na: 2\na: 3\na: 4\n", "\u{0}", "!!binary x: y", "--- a\n--- b\n",
      "a: &a [1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n",
    ] {
      try sample.write("task.yaml", text)
      #expect(try sample.check().contains { $0.severity == .error })
    }
  }

  @Test func refusesMissingFolder() throws {
    let error = try #require(throws: TaskError.self) { try TaskDiagnostics.check("/nonexistent/task") }
    #expect(error.code == .unreadable)
    #expect(error.message.contains("'assay task new NAME' makes one"))
  }

  @Test func checksTheSyntaxOfPrograms() async throws {
    let sample = try SampleTask()
    #expect(try await TaskDiagnostics.checkPrograms(sample.path).isEmpty)
    try sample.write("scorer/score.py", "x = 1\ndef f(:\n")
    try sample.write("recipe/recipe.py", "import sys\nsys.exit('must not run')\n")
    let found = try await TaskDiagnostics.checkPrograms(sample.path)
    #expect(found.map(\.file) == ["scorer/score.py"])
    #expect(found.first?.line == 2)
    #expect(found.first?.message.contains("invalid syntax") == true)
    #expect(found.first?.remedy == "correct the syntax there")
    let error = try await #require(throws: TaskError.self) {
      try await TaskDiagnostics.checkPrograms(sample.path, python: "/nonexistent/python3")
    }
    #expect(error.code == .missingProgram)
  }
}
