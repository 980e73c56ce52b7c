import Foundation
import Testing

@testable import AssayTask

/// The same task at another scale.
@Suite struct TaskProfilesTests {
  private func sample() throws -> SampleTask {
    let sample = try SampleTask()
    let text = try sample.read("task.yaml")
    try sample.write(
      "task.yaml",
      text + """

        profiles:
          small:
            title: Small
            metric: {smallest_effect: "0.5"}
            train: {wall_seconds: 7}
          large:
            seeds: {per_trial: 9}
            environment: {gpus: {count: 8, memory_mb: 80000, compute_capability: "9.0"}}

        """)
    return sample
  }

  @Test func aProfileIsLaidOverTheRest() throws {
    let sample = try sample()
    let small = try ResearchTask.load(directory: sample.path + "@small")
    let large = try ResearchTask.load(directory: sample.path + "@large")
    #expect(small.name == "sample-small")
    #expect(large.name == "sample-large")
    #expect(small.file.title == "Small")
    #expect(small.metric.smallestEffect.text == "0.5")
    #expect(large.metric.smallestEffect.text == "0.005")
    #expect(small.metric.name == large.metric.name, "what a profile does not say stays")
    #expect(small.file.train.limits.wallSeconds == 7)
    #expect(small.file.train.command == large.file.train.command)
    #expect(large.file.seeds.perTrial == 9)
    #expect(large.file.environment.gpus?.count == 8)
    #expect(large.file.environment.gpus?.computeCapability?.text == "9.0")
    #expect(small.file.environment.gpus == nil)
    #expect(small.directory == sample.path)
    #expect(small.reference.description == sample.path + "@small")
    #expect(small.digest != large.digest)
    #expect(small.frameDigest != large.frameDigest)
    #expect(try TaskDiagnostics.check(sample.path).isEmpty)
    #expect(try TaskDiagnostics.profiles(sample.path) == ["small", "large"])
  }

  @Test func aProfileIsLaidOverAnother() throws {
    let sample = try sample()
    let text = try sample.read("task.yaml")
    func write(_ base: String) throws {
      try sample.write(
        "task.yaml",
        text
          + "  both:\n    extends: \(base)\n    title: Both\n    predict: {protocol: reveal, reply_seconds: 3}\n"
      )
    }
    try write("small")
    let both = try ResearchTask.load(directory: sample.path + "@both")
    #expect(both.file.title == "Both")
    #expect(both.file.train.limits.wallSeconds == 7)
    #expect(both.file.predict.reveal == .init(replySeconds: 3))
    #expect(both.file.train.reveal == nil)
    for base in ["none", "both"] {
      try write(base)
      #expect(throws: TaskError.self) { try ResearchTask.load(directory: sample.path + "@both") }
    }
  }

  @Test func aProfileHasToBeNamedAndKnown() throws {
    let sample = try sample()
    for (text, says) in [
      (sample.path, "none is named; write \(sample.path)@small or \(sample.path)@large"),
      (sample.path + "@huge", "no profile 'huge'; write \(sample.path)@small"),
    ] {
      let error = try #require(throws: TaskError.self) { try ResearchTask.load(directory: text) }
      #expect(error.code == .unknownProfile)
      #expect(error.message.contains(says), "\(error.message)")
    }
    let plain = try SampleTask()
    let error = try #require(throws: TaskError.self) {
      try ResearchTask.load(directory: plain.path + "@small")
    }
    #expect(error.code == .unknownProfile)
    #expect(error.message.contains("leave '@small' out"))
  }

  @Test func mistakesInProfilesAreListed() throws {
    let sample = try sample()
    try sample.replace("title: Small", "name: other")
    try sample.replace("per_trial: 9", "per_trial: 900")
    let found = try TaskDiagnostics.check(sample.path).map(\.message)
    #expect(found.contains("a profile cannot change 'name'"))
    #expect(found.contains("'seeds.per_trial' is 900"))
  }

  @Test func referencesAreTakenApartAtTheLastPart() throws {
    #expect(TaskReference("tasks/golf@smoke") == TaskReference(directory: "tasks/golf", profile: "smoke"))
    #expect(TaskReference("golf") == TaskReference(directory: "golf", profile: nil))
    #expect(TaskReference("a@b/golf") == TaskReference(directory: "a@b/golf", profile: nil))
    let sample = try SampleTask()
    let other = sample.path + "@home"
    try FileManager.default.copyItem(atPath: sample.path, toPath: other)
    #expect(TaskReference(other).profile == nil, "a folder of that name is meant")
    #expect(try ResearchTask.load(directory: other).profile == nil)
  }
}
