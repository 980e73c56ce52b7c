import AssayProcess
import Foundation
import Testing

@testable import AssayTask

@Suite struct TaskTemplateTests {
  @Test func passesTheCheck() throws { #expect(try SampleTask().check().isEmpty) }

  @Test func refusesToOverwrite() throws {
    let sample = try SampleTask()
    let before = try sample.read("task.yaml")
    let error = try #require(throws: TaskError.self) {
      try TaskTemplate.write(name: "sample", to: sample.folder.path)
    }
    #expect(error.code == .exists)
    #expect(error.message.contains("choose another name, or remove it first"))
    #expect(try sample.read("task.yaml") == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: sample.folder.path) == ["sample"])
  }

  @Test(arguments: ["", "../x", "A", "a b", "-a"]) func refusesNames(name: String) throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: TaskError.self) { try TaskTemplate.write(name: name, to: folder.path) }
    #expect(error.code == .invalid)
    #expect(error.message.contains("small letters, digits and dashes"))
  }

  @Test func refusesUnwritableParent() throws {
    let error = try #require(throws: TaskError.self) { try TaskTemplate.write(name: "a", to: "/dev/null") }
    #expect(error.code == .unwritable)
  }

  /// Every phase of the template as a plain process: data, training, inputs, prediction, judgement.
  @Test func phasesRun() async throws {
    let sample = try SampleTask()
    let baseline = try await score(sample)
    #expect(baseline["malformed"] is NSNull)
    #expect(baseline["illegal"] is NSNull)
    let metrics = try #require(baseline["metrics"] as? [String: String])
    let loss = try #require(metrics["log_loss"].flatMap(Double.init))
    #expect(loss > 0.05 && loss < 0.69, "better than guessing, with room to improve: \(loss)")
    #expect(try #require(metrics["accuracy"].flatMap(Double.init)) >= 0.5)

    // An edit of each partition's kind moves the score: there is something to find.
    try sample.replace("LEARNING_RATE = 0.05", "LEARNING_RATE = 0.5", in: "recipe/recipe.py")
    let faster = try await score(sample)
    let better = try #require((faster["metrics"] as? [String: String])?["log_loss"].flatMap(Double.init))
    #expect(better < loss - 0.005, "\(better) after \(loss)")

    // A recipe that answers by position is caught, one that answers nonsense is malformed.
    let honest = try sample.read("recipe/recipe.py")
    try sample.write(
      "recipe/recipe.py",
      honest
        + "\n\ndef predict(artifact, points):\n    return [i / len(points) for i, _ in enumerate(points)]\n")
    #expect(try await score(sample)["illegal"] is [String: String])
    try sample.write(
      "recipe/recipe.py",
      honest + "\n\ndef predict(artifact, points):\n    return [float('nan')] * len(points)\n")
    #expect((try await score(sample)["malformed"] as? String)?.contains("no probability") == true)
  }

  private func score(_ sample: SampleTask) async throws -> [String: Any] {
    let work = try TemporaryFolder()
    for name in ["data", "artifact", "inputs", "predictions/first", "predictions/second"] {
      try FileManager.default.createDirectory(
        atPath: work.path + "/" + name, withIntermediateDirectories: true)
    }
    let python = "/usr/bin/python3"
    let recipe = ["--recipe", sample.path + "/recipe"]
    try await run([python, sample.path + "/data/prepare.py", "--out", work.path + "/data"])
    try await run(
      [
        python, sample.path + "/harness/train.py", "--data", work.path + "/data/train", "--out",
        work.path + "/artifact",
        "--seed", "1", "--seconds", "3",
      ] + recipe)
    let size =
      try FileManager.default.attributesOfItem(atPath: work.path + "/artifact/artifact.json")[.size]
      as? NSNumber
    #expect(try #require(size).intValue < 4096)
    let held = ["--heldout", work.path + "/data/heldout", "--nonce", "0123abcd"]
    try await run(
      [python, sample.path + "/scorer/score.py", "inputs", "--out", work.path + "/inputs"] + held)
    for group in ["first", "second"] {
      try await run(
        [
          python, sample.path + "/harness/predict.py", "--artifact", work.path + "/artifact", "--inputs",
          work.path + "/inputs/" + group, "--out", work.path + "/predictions/" + group,
        ] + recipe)
    }
    let lines = try await run(
      [
        python, sample.path + "/scorer/score.py", "judge", "--inputs", work.path + "/inputs", "--predictions",
        work.path + "/predictions",
      ] + held)
    let line = try #require(lines.last)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @discardableResult
  private func run(_ arguments: [String]) async throws -> [String] {
    let outcome = try await ChildProcess.run(
      arguments, environment: ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
    try #require(outcome.status == 0, "\(arguments): \(outcome.tail.joined(separator: "\n"))")
    return outcome.tail
  }
}
