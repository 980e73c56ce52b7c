import AssayIdentity
import AssayMessages
import AssayPatch
import AssayVerdict
import Foundation

@testable import AssayLineage

/// A record in a temporary folder with one run, and what fills it.
struct Record: Sendable {
  let store: LineageStore
  let key = IdentityKey()
  let folder: String
  static let run = "run-1"

  static func make(register: Bool = true, direction: LineageV1.Direction = .minimize) async throws -> Record {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-lineage-\(UUID().uuidString)")
      .path
    let record = Record(store: try await LineageStore.open(in: folder), folder: folder)
    if register { _ = try await record.store.register(record.run(direction), now: 1) }
    return record
  }

  func run(_ direction: LineageV1.Direction = .minimize) -> LineageV1.Run {
    var run = LineageV1.Run()
    run.runId = Self.run
    run.taskName = "t"
    run.evaluatorKey = key.publicIdentity.bytes
    var metric = LineageV1.Metric()
    metric.name = "loss"
    metric.direction = direction
    run.metric = metric
    return run
  }

  static func tree(_ text: String) throws -> RecipeTree { try RecipeTree(["recipe.py": Array(text.utf8)]) }

  func trial(
    _ number: UInt32, parent: UInt32 = 0, specialist: String = "opt", hypothesis: String = "h",
    text: String? = nil
  ) throws
    -> (LineageV1.Trial, LineageV1.Snapshot)
  {
    let tree = try Self.tree(text ?? "x = \(number)\n")
    var trial = LineageV1.Trial()
    trial.runId = Self.run
    trial.trial = number
    var proposal = AgentV1.Proposal()
    proposal.specialist = number == 0 ? "" : specialist
    proposal.parent = parent
    proposal.hypothesis = hypothesis
    trial.proposal = proposal
    trial.snapshotId = tree.digest
    trial.submittedBy = "agent/\(specialist)"
    var snapshot = LineageV1.Snapshot()
    snapshot.snapshotId = tree.digest
    var file = LineageV1.RecipeFile()
    file.path = "recipe.py"
    file.content = tree["recipe.py"] ?? []
    snapshot.files = [file]
    return (trial, snapshot)
  }

  func verdict(
    _ number: UInt32, _ label: LineageV1.VerdictLabel, score: String = "", log: String = "", snapshot: String,
    reason: String = "r",
    key: IdentityKey? = nil, run: String = Record.run
  ) throws -> LineageV1.SignedVerdict {
    var verdict = LineageV1.Verdict()
    verdict.runId = run
    verdict.trial = number
    verdict.label = label
    verdict.score = score
    verdict.reason = reason
    let facts = VerdictStatement.Facts(
      taskDigest: "", specialist: "", parent: 0, snapshotID: snapshot, proposalDigest: "",
      logDigest: VerdictStatement.digest(Array(log.utf8)),
      artifactDigests: [], evaluatorVersion: "1")
    var signed = LineageV1.SignedVerdict()
    signed.envelope = try VerdictStatement(verdict: verdict, facts: facts).signed(with: key ?? self.key)
    signed.logExcerpt = log
    return signed
  }

  /// Records a trial, and its verdict when there is one.
  func add(
    _ number: UInt32, parent: UInt32 = 0, specialist: String = "opt", _ label: LineageV1.VerdictLabel? = nil,
    score: String = "",
    hypothesis: String = "h", reason: String = "r", text: String? = nil, change: String = ""
  ) async throws {
    var (trial, snapshot) = try trial(
      number, parent: parent, specialist: specialist, hypothesis: hypothesis, text: text)
    trial.change = change
    _ = try await store.append(trial, snapshot: snapshot, now: 2)
    if let label {
      _ = try await store.append(
        try verdict(number, label, score: score, snapshot: trial.snapshotId, reason: reason), now: 3)
    }
  }

  func numbers(
    _ view: LineageV1.TrialView, pageSize: UInt32 = 500,
    _ change: (inout LineageV1.ListTrialsRequest) -> Void = { _ in }
  ) async throws -> [UInt32] {
    var request = LineageV1.ListTrialsRequest()
    request.runId = Self.run
    request.view = view
    request.pageSize = pageSize
    change(&request)
    var numbers: [UInt32] = []
    repeat {
      let (records, next) = try await store.list(request)
      numbers += records.map { $0.trial?.trial ?? .max }
      request.pageToken = next
    } while !request.pageToken.isEmpty
    return numbers
  }
}
