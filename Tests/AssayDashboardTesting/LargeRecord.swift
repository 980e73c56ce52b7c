import AssayIdentity
import AssayLineage
import AssayMessages
import AssayPatch
import AssayRandom
import AssaySupervisor
import AssayVerdict
public import Foundation

/// The state folder of a long run that is stopped: what readers of ten thousand trials have to cope with.
public struct LargeRecord: Sendable {
  public let state: URL
  public let trials: Int
  static let run = "large-20260101T000000-1"
  static let specialists = ["arch", "data", "opt", "quant"]
  /// What a specialist may say.
  static let hostile =
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> helps"

  /// Writes the folder; the same seed gives the same run.
  public static func make(in state: URL, trials: Int, seed: UInt64 = 1) async throws -> LargeRecord {
    let directory = try StateDirectory.create(at: state)
    let keys = state.appending(path: "keys")
    _ = try KeyRing.prepare(in: keys, specialists: specialists, runners: ["local"], lineageEnabled: true)
    try RunDescription(
      runID: run, taskName: "large", taskPath: "", taskDigest: String(repeating: "0", count: 64), seed: seed,
      lineageEnabled: true, specialists: specialists
    ).save(to: directory)
    let key = try IdentityKey.load(from: keys.appending(path: "evaluator.key").path)
    let folder = directory.state(of: "lineage")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let store = try await LineageStore.open(in: folder.path)
    var description = LineageV1.Run()
    description.runId = run
    description.taskName = "large"
    description.evaluatorKey = key.publicIdentity.bytes
    description.specialists = specialists
    description.createdAtMs = 1_760_000_000_000
    var metric = LineageV1.Metric()
    metric.name = "loss"
    metric.unit = "nats"
    metric.direction = .minimize
    description.metric = metric
    _ = try await store.register(description, now: description.createdAtMs)
    var history = History(seed: seed)
    var written = 0
    while written < trials {
      // Many at once share a commit; a trial's parent is in an earlier batch.
      let batch = (written..<min(trials, written == 0 ? 1 : written + 256)).map { history.next(UInt32($0)) }
      history.settle()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for entry in batch { group.addTask { try await entry.write(to: store, key) } }
        try await group.waitForAll()
      }
      written += batch.count
    }
    await store.close()
    return LargeRecord(state: state, trials: trials)
  }

  /// Chooses parents and outcomes as a run does: most trials come from the last few kept ones, few are kept.
  private struct History {
    var random: SeededGenerator
    var kept: [UInt32] = [0]
    var fresh: [UInt32] = []
    var best = 3.2

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next(_ number: UInt32) -> Entry {
      let chance = Double.random(in: 0..<1, using: &random)
      var entry = Entry(number: number, parent: 0, label: .discard, score: best, specialist: "")
      guard number > 0 else {
        entry.label = .baseline
        return entry
      }
      entry.specialist = specialists.randomElement(using: &random) ?? ""
      entry.parent =
        (chance < 0.8 ? Array(kept.suffix(6)) : kept).randomElement(using: &random) ?? 0
      switch chance {
      case ..<0.008:
        best -= (best - 2.1) * Double.random(in: 0.01..<0.1, using: &random)
        entry.label = .keep
        entry.score = best
        fresh.append(number)
      case ..<0.2: entry.label = .crash
      case ..<0.25: entry.label = .sizeBlocked
      case ..<0.26: entry.label = .illegal
      default: entry.score = best + Double.random(in: 0.001..<0.4, using: &random)
      }
      return entry
    }

    mutating func settle() {
      kept += fresh
      fresh = []
    }
  }

  private struct Entry: Sendable {
    var number: UInt32
    var parent: UInt32
    var label: LineageV1.VerdictLabel
    var score: Double
    var specialist: String

    func write(to store: LineageStore, _ key: IdentityKey) async throws {
      let now = 1_760_000_000_000 + Int64(number) * 9000
      let tree = try RecipeTree(["recipe.py": Array("WIDTH = 64\nx = \(number / 100)\n".utf8)])
      var proposal = AgentV1.Proposal()
      proposal.specialist = specialist
      proposal.parent = parent
      proposal.hypothesis =
        number % 10 == 3
        ? hostile : "WIDTH \(number % 90) -> \(number % 90 + 8): wider layers, number \(number)"
      proposal.motive = "mutate.constant"
      var trial = LineageV1.Trial()
      trial.runId = run
      trial.trial = number
      trial.proposal = proposal
      trial.snapshotId = tree.digest
      trial.submittedBy = "agent/\(specialist)"
      trial.submittedAtMs = now - 8000
      var snapshot = LineageV1.Snapshot()
      snapshot.snapshotId = tree.digest
      var file = LineageV1.RecipeFile()
      file.path = "recipe.py"
      file.content = tree["recipe.py"] ?? []
      snapshot.files = [file]
      _ = try await store.append(trial, snapshot: snapshot, now: now)
      var verdict = LineageV1.Verdict()
      verdict.runId = run
      verdict.trial = number
      verdict.label = label
      verdict.reason = label.isFailure ? "prediction failed: \(hostile)" : "inside the noise"
      verdict.decidedAtMs = now
      verdict.noise = "0.011"
      if !label.isFailure { verdict.score = String((score * 1e6).rounded() / 1e6) }
      var usage = LineageV1.PhaseUsage()
      usage.phase = "train"
      usage.runner = "runner/local#local/\(number % 2)"
      usage.wallNs = 9_000_000_000
      usage.cpuNs = 8_500_000_000
      usage.maxMemoryBytes = 300_000_000
      usage.artifactBytes = 150_000
      verdict.usage = [usage]
      let facts = VerdictStatement.Facts(
        taskDigest: "", specialist: specialist, parent: parent, snapshotID: tree.digest,
        proposalDigest: VerdictStatement.digest(proposal.serialized()),
        logDigest: VerdictStatement.digest([]), artifactDigests: [], evaluatorVersion: "large")
      var signed = LineageV1.SignedVerdict()
      signed.envelope = try VerdictStatement(verdict: verdict, facts: facts).signed(with: key)
      _ = try await store.append(signed, now: now)
    }
  }
}
