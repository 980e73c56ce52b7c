import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import Synchronization
import Testing

@Suite("A trial beside the incumbent", .timeLimit(.minutes(2)))
struct ConfirmationTests {
  /// What the `number`-th training of a recipe with this WIDTH does, from 1; nil for the honest thing.
  typealias Exception = @Sendable (_ width: String, _ number: Int) -> String?

  /// An honest runner, but for some trainings, whose artifacts score as another WIDTH's would.
  static func script(_ exception: @escaping Exception)
    -> @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour
  {
    let trainings = Mutex<[String: Int]>([:])
    let widths = Mutex<[String: String]>([:])
    return { job, recipe in
      let width = ScriptedRunner.value("WIDTH", recipe)
      if job.phase == "train" {
        let number = trainings.withLock { trainings in
          trainings[width, default: 0] += 1
          return trainings[width] ?? 0
        }
        let acted = exception(width, number) ?? width
        var behaviour = ScriptedRunner.honest(job, "WIDTH = \(acted)\n")
        if let output = behaviour.output {
          let unique = output + Array(" \(width) \(number)".utf8)
          behaviour.output = unique
          widths.withLock { $0[ScriptedRunner.digest(unique)] = acted }
        }
        return behaviour
      }
      let acted = job.files.lazy.compactMap { file in widths.withLock { $0[file.digest] } }.first ?? width
      return ScriptedRunner.honest(job, "WIDTH = \(acted)\n")
    }
  }

  @Test func whatIsBetterOnFreshSeedsIsKept() async throws {
    let jobs = Mutex<[String]>([])
    let honest = Self.script { _, _ in nil }
    let script: @Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour = { job, recipe in
      if job.jobId.contains("/confirm/train/") {
        jobs.withLock { $0.append("\(ScriptedRunner.value("WIDTH", recipe)) \(job.command[7])") }
      }
      return honest(job, recipe)
    }
    let bench = try Bench(confirmSeeds: 3)
    try await EvaluatorHarness.with(bench, script: script) { harness in
      try await harness.openAccepting()
      let trial = try await harness.submit(try Bench.edit(width: "3"))
      let answer = try await harness.verdict(trial)
      let verdict = try #require(answer.verdict)
      #expect(verdict.label == .keep)
      #expect(verdict.reason.hasPrefix("confirmed: on 3 fresh seeds beside trial 0"), "\(verdict.reason)")
      #expect(verdict.seedScores == ["0.7", "0.7", "0.7"])
      #expect(verdict.delta == "-0.2")
      let statement = try VerdictStatement.verified(envelope: answer.envelope, key: bench.key.publicIdentity)
      #expect(statement.facts.artifactDigests.count == 4, "one of the screening, three of the confirmation")
      let phases = Dictionary(grouping: verdict.usage, by: \.phase).mapValues(\.count)
      #expect(
        phases["train"] == 1 && phases["confirm-train"] == 3 && phases["incumbent-train"] == 3, "\(phases)")
      // Trial and incumbent in turn, a seed for each pair, and none of the screening's.
      let seen = jobs.withLock { $0 }.map { $0.split(separator: " ") }
      #expect(seen.map { $0[0] } == ["3", "1", "1", "3", "3", "1"])
      #expect(Set(seen.map { $0[1] }).count == 3)
      #expect(seen[0][1] == seen[1][1] && seen[2][1] == seen[3][1] && seen[4][1] == seen[5][1])
      #expect(try await harness.state { _ in true }.incumbent == trial)
    }
  }

  @Test func luckIsWithdrawn() async throws {
    let script = Self.script { width, number in width == "3" && number > 1 ? "1" : nil }
    try await EvaluatorHarness.with(try Bench(confirmSeeds: 3), script: script) { harness in
      try await harness.openAccepting()
      let verdict = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "3"))).verdict)
      #expect(verdict.label == .discard)
      #expect(verdict.reason.hasPrefix("withdrawn: on 3 fresh seeds"), "\(verdict.reason)")
      #expect(verdict.score == "0.9", "the score is that of the fresh seeds")
      #expect(verdict.reason.hasSuffix("; its screening gave 0.7"), "\(verdict.reason)")
      #expect(try await harness.state { _ in true }.incumbent == 0)
    }
  }

  @Test func ofTwoAtOnceTheSecondMeetsTheNewIncumbent() async throws {
    try await EvaluatorHarness.with(try Bench(confirmSeeds: 2), script: Self.script { _, _ in nil }) {
      harness in
      try await harness.openAccepting()
      let first = try await harness.submit(try Bench.edit(width: "3"))
      let second = try await harness.submit(try Bench.edit(width: "2"))
      let third = try await harness.submit(try Bench.edit(width: "4"))
      let verdicts = try await [first, second, third].asyncMap { try await harness.verdict($0).verdict }
      let labels = verdicts.map { $0?.label }
      // Which comes first is the queue's; whatever it is, the best stays and each keep beat the incumbent of its time.
      #expect(labels[2] == .keep, "\(labels)")
      #expect(try await harness.state { _ in true }.incumbent == third)
      let scores: [UInt32: Double] = [0: 0.9, first: 0.7, second: 0.8, third: 0.6]
      for verdict in verdicts.compactMap(\.self) {
        let expected = try #require(scores[verdict.trial]) - (try #require(scores[verdict.incumbent]))
        let delta = try #require(Double(verdict.delta))
        #expect(abs(delta - expected) < 1e-9, "\(verdict.trial) beside \(verdict.incumbent): \(delta)")
      }
    }
  }

  @Test func aRecipeThatFailsOnAFreshSeedIsNotKept() async throws {
    let script = Self.script { width, number in width == "3" && number == 3 ? "'crash'" : nil }
    try await EvaluatorHarness.with(try Bench(confirmSeeds: 3), script: script) { harness in
      try await harness.openAccepting()
      let verdict = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "3"))).verdict)
      #expect(verdict.label == .crash)
      #expect(verdict.reason.hasPrefix("on a fresh seed of its confirmation: "), "\(verdict.reason)")
      let next = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "4"))).verdict)
      #expect(next.label == .keep, "the line goes on: \(next.reason)")
    }
  }

  @Test func anIncumbentThatFailsIsNotChargedToTheTrial() async throws {
    let script = Self.script { width, number in width == "1" && number == 4 ? "'crash'" : nil }
    try await EvaluatorHarness.with(try Bench(confirmSeeds: 3), script: script) { harness in
      try await harness.openAccepting()
      let verdict = try #require(
        try await harness.verdict(try await harness.submit(try Bench.edit(width: "3"))).verdict)
      #expect(verdict.label == .harnessAbort, "\(verdict.reason)")
      #expect(verdict.reason.contains("the incumbent, trial 0, could not be measured"), "\(verdict.reason)")
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
    var results: [T] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
