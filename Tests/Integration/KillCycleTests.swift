import AssayRandom
import Foundation
import Glibc
import Testing

/// kill -9 of every service at any moment, again and again: `ASSAY_KILL_CYCLES=1000` for a long night, a few in CI.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(60))) struct KillCycleTests {
  private static let cycles =
    ProcessInfo.processInfo.environment["ASSAY_KILL_CYCLES"].flatMap { Int($0) } ?? 40
  private static let programs = ["assay-lineage", "assay-evaluator", "assay-runner", "assay-agent"]

  /// How many were killed so far, by program.
  private struct Kills {
    var byProgram: [String: Int] = [:]
    var total: Int { byProgram.values.reduce(0, +) }
  }

  @Test func noAcknowledgedVerdictIsLostOrDoubled() async throws {
    let seed = ProcessInfo.processInfo.environment["ASSAY_KILL_SEED"].flatMap { UInt64($0) } ?? 1
    var generator = SeededGenerator(seed: seed)
    var (kills, trials, runs) = (Kills(), 0, 0)
    // A small task is searched through after some hundred trials: then another run of it goes on.
    while kills.total < Self.cycles {
      let before = kills.total
      trials += try await killed(&kills, &generator, "seed \(seed), run \(runs)")
      runs += 1
      try #require(kills.total > before, "seed \(seed): a run ended before anything was killed")
    }
    print("\(kills.total) kills \(kills.byProgram), \(runs) runs, \(trials) trials, none lost, none doubled")
  }

  /// - Returns: how many trials a run had, all of them whole.
  private func killed(_ kills: inout Kills, _ generator: inout SeededGenerator, _ place: String) async throws
    -> Int
  {
    let run = Run()
    // Time is up when all were killed; the trials in flight then end.
    let left = Self.cycles - kills.total
    let running = try run.start("--trials", "100000", "--max-time", "\(left + 20)s", "--slots", "2")
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    var streaks: [String: (length: Int, last: ContinuousClock.Instant)] = [:]
    while kills.total < Self.cycles, !running.isOver {
      try await Task.sleep(for: .milliseconds(Int.random(in: 300...1000, using: &generator)))
      guard let program = Self.programs.randomElement(using: &generator) else { continue }
      // Never five times in a row while it starts: the supervisor would rightly give up.
      let streak =
        streaks[program].flatMap { $0.last.duration(to: .now) < .seconds(4) ? $0.length : nil } ?? 0
      guard streak < 3,
        let victim = run.pids(of: program).randomElement(using: &generator), kill(victim, SIGKILL) == 0
      else { continue }
      kills.byProgram[program, default: 0] += 1
      streaks[program] = (streak + 1, .now)
    }
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(place): \(ended.errors.suffix(2000))")
    // What was printed, the lineage had acknowledged; each once.
    let printed = ended.rows.filter { $0["trial"] is Int && $0["label"] is String }
    let numbers = printed.compactMap { $0["trial"] as? Int }
    #expect(Set(numbers).count == numbers.count, "\(place): a verdict came twice")
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0..<trials.count), "\(place)")
    let byNumber = Dictionary(uniqueKeysWithValues: trials.map { ($0["trial"] as? Int ?? -1, $0) })
    for row in printed {
      let kept = byNumber[row["trial"] as? Int ?? -1]
      #expect(kept?["label"] as? String == row["label"] as? String, "\(place)")
      #expect(kept?["score"] as? String == row["score"] as? String, "\(place)")
    }
    let labels = trials.compactMap { $0["label"] as? String }
    #expect(!labels.contains("in_flight"), "\(place): a submission has no verdict")
    #expect(!labels.contains("harness_abort"), "\(place): our failure was charged to a trial")
    let proofs = run.state + "-proofs"
    #expect(try await Program.assay("export", "--proofs", proofs, "--state", run.state).status == 0)
    #expect(try await Program.assay("verify", proofs).status == 0, "\(place)")
    return trials.count
  }
}
