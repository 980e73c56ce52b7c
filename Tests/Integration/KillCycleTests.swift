import AssayRandom
import Foundation
import Glibc
import Testing

/// kill -9 of every service at any moment, again and again: `ASSAY_KILL_CYCLES=1000` for a long night, a few in CI.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(60))) struct KillCycleTests {
  private static let cycles =
    ProcessInfo.processInfo.environment["ASSAY_KILL_CYCLES"].flatMap { Int($0) } ?? 40
  private static let programs = ["assay-lineage", "assay-evaluator", "assay-runner", "assay-agent"]

  @Test func noAcknowledgedVerdictIsLostOrDoubled() async throws {
    let run = Run()
    let seed = ProcessInfo.processInfo.environment["ASSAY_KILL_SEED"].flatMap { UInt64($0) } ?? 1
    var generator = SeededGenerator(seed: seed)
    // Time is up when all were killed; the trials in flight then end.
    let running = try run.start(
      "--trials", "100000", "--max-time", "\(Self.cycles + 20)s", "--slots", "2")
    #expect(await running.output { $0.split(separator: "\n").count >= 2 })
    var killed: [String: Int] = [:]
    var streaks: [String: (length: Int, last: ContinuousClock.Instant)] = [:]
    while killed.values.reduce(0, +) < Self.cycles {
      try await Task.sleep(for: .milliseconds(Int.random(in: 300...1000, using: &generator)))
      if running.isOver {
        let errors = try await running.ended().errors
        return _ = Issue.record("seed \(seed): it ended by itself after \(killed): \(errors.suffix(2000))")
      }
      guard let program = Self.programs.randomElement(using: &generator) else { continue }
      // Never five times in a row while it starts: the supervisor would rightly give up.
      let streak =
        streaks[program].flatMap { $0.last.duration(to: .now) < .seconds(4) ? $0.length : nil } ?? 0
      guard streak < 3,
        let victim = run.pids(of: program).randomElement(using: &generator), kill(victim, SIGKILL) == 0
      else { continue }
      killed[program, default: 0] += 1
      streaks[program] = (streak + 1, .now)
    }
    let ended = try await running.ended()
    #expect(ended.status == 0, "seed \(seed): \(ended.errors.suffix(2000))")
    // What was printed, the lineage had acknowledged; each once.
    let printed = ended.rows.filter { $0["trial"] is Int && $0["label"] is String }
    let numbers = printed.compactMap { $0["trial"] as? Int }
    #expect(Set(numbers).count == numbers.count, "seed \(seed): a verdict came twice")
    let trials = try await run.trials()
    #expect(trials.compactMap { $0["trial"] as? Int } == Array(0..<trials.count), "seed \(seed)")
    let byNumber = Dictionary(uniqueKeysWithValues: trials.map { ($0["trial"] as? Int ?? -1, $0) })
    for row in printed {
      let kept = byNumber[row["trial"] as? Int ?? -1]
      #expect(kept?["label"] as? String == row["label"] as? String, "seed \(seed)")
      #expect(kept?["score"] as? String == row["score"] as? String, "seed \(seed)")
    }
    let labels = trials.compactMap { $0["label"] as? String }
    #expect(!labels.contains("in_flight"), "seed \(seed): a submission has no verdict")
    #expect(!labels.contains("harness_abort"), "seed \(seed): our failure was charged to a trial")
    let proofs = run.state + "-proofs"
    #expect(try await Program.assay("export", "--proofs", proofs, "--state", run.state).status == 0)
    #expect(try await Program.assay("verify", proofs).status == 0, "seed \(seed)")
    print("\(Self.cycles) kills \(killed), \(trials.count) trials, none lost, none doubled")
  }
}
