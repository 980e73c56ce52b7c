import AssayPatch
import AssayTask
import Foundation
import Testing

@Suite struct ResearchTaskTests {
  @Test func readsTheTemplate() throws {
    let sample = try SampleTask()
    let task = try ResearchTask.load(directory: sample.path)
    #expect(task.name == "sample")
    #expect(task.warnings.isEmpty)
    #expect(task.metric.direction == .minimize)
    #expect(task.metric.smallestEffect.text == "0.005")
    #expect(task.metric.isBetter(1, than: 2))
    #expect(task.file.gates.map(\.description) == ["accuracy at least 0.5 with confidence 0.95"])
    #expect(task.file.gates.first?.isMet(by: 0.5) == true)
    #expect(task.file.gates.first?.isMet(by: .nan) == false)
    #expect(task.partitions.map(\.name) == ["model", "opt", "data"])
    #expect(task.file.partition("opt")?.scope.files == ["recipe.py": .sections(["optimiser"])])
    #expect(task.baseline.paths == ["recipe.py"])
    #expect(task.harness.paths == ["predict.py", "train.py"])
    #expect(task.knowledge.map(\.path) == ["knowledge/notes.md"])
    #expect(task.file.train.limits.memoryBytes == 256 << 20)
    #expect(task.file.train.limits.outputBytes == 64 << 10)
    #expect(task.file.predict.budgetSeconds == 5)
    #expect(
      task.file.train.arguments(python: "/env/bin/python", seed: 42) == [
        "/env/bin/python", "/harness/train.py", "--data", "/data", "--out", "/out", "--seed", "42",
        "--seconds", "3",
      ])
    #expect(
      task.file.score.arguments(python: "/usr/bin/python3") == ["/usr/bin/python3", "/scorer/score.py"])
  }

  @Test func digestIsOfTheContentAlone() throws {
    let one = try SampleTask()
    let other = try SampleTask()
    let digest = try ResearchTask.load(directory: one.path).digest
    #expect(try ResearchTask.load(directory: other.path).digest == digest)
    try other.write(".hidden", "x")
    try other.write("harness/__pycache__/x.pyc", "x")
    #expect(try ResearchTask.load(directory: other.path).digest == digest)
    try other.replace("HIDDEN = 6", "HIDDEN = 7", in: "recipe/recipe.py")
    let changed = try ResearchTask.load(directory: other.path)
    #expect(changed.digest != digest)
    #expect(try changed.dataDigest == ResearchTask.load(directory: one.path).dataDigest)
    try other.replace("Random(7)", "Random(8)", in: "data/prepare.py")
    #expect(try ResearchTask.load(directory: other.path).dataDigest != changed.dataDigest)
  }

  @Test(arguments: ["1", "-0.50", "0.002", "123456789.000000001"]) func exactDecimals(text: String) throws {
    #expect(ExactDecimal(text)?.text == text)
    #expect(ExactDecimal(text)?.value == Double(text))
  }

  @Test(arguments: [
    "", "1.", ".5", "1e3", "nan", "inf", "0x1p3", "1,5", " 1", "+1", String(repeating: "1", count: 41),
  ])
  func noDecimals(text: String) { #expect(ExactDecimal(text) == nil) }

  /// The tasks that come with the program have no mistakes.
  @Test func bundledTasksPass() async throws {
    let tasks = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("tasks").path
    let names = try FileManager.default.contentsOfDirectory(atPath: tasks).filter { !$0.hasPrefix(".") }
    #expect(names.contains("tiny-regression"))
    for name in names.sorted() {
      // Somebody else's code is not in the repository; everything else of such a task is checked.
      let found = try TaskDiagnostics.check(tasks + "/" + name).filter {
        !($0.severity == .warning && $0.remedy.contains("assay task prepare"))
      }
      #expect(found.isEmpty, "\(found.map(\.description).joined(separator: "\n"))")
      #expect(try await TaskDiagnostics.checkPrograms(tasks + "/" + name).isEmpty)
    }
  }
}
