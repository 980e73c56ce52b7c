import AssayIdentity
import AssayMessages
import AssayPatch
import AssayProof
import AssayRPC
import AssayServices
import AssaySupervisor

extension RunMirror {
  /// A trial with its log and verdict.
  ///
  /// - Throws: `RPCError`, NOT_FOUND when the run has no such trial.
  nonisolated func record(_ trial: UInt32, _ lineage: LineageServiceClient) async throws
    -> LineageV1.TrialRecord
  {
    var request = LineageV1.GetTrialRequest()
    request.runId = access.description.runID
    request.trial = trial
    return try await lineage.getTrial(request, RecordAccess.patient).record ?? .init()
  }

  /// The files of a recipe, when they are those that its id names.
  nonisolated func recipe(_ id: String, _ lineage: LineageServiceClient) async throws -> RecipeTree? {
    var request = LineageV1.GetSnapshotRequest()
    request.runId = access.description.runID
    request.snapshotId = id
    let files = try await lineage.getSnapshot(request, RecordAccess.patient).snapshot?.files ?? []
    let tree = try? RecipeTree(
      Dictionary(files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first }))
    return tree?.digest == id ? tree : nil
  }

  /// The verdict's place in the log.
  func proof(of record: LineageV1.TrialRecord, _ lineage: LineageServiceClient) async throws
    -> StatementProof?
  {
    guard !record.envelope.isEmpty, let trial = record.trial?.trial else { return nil }
    var index = proofs
    let checkpoint = try await index.extend(access.description.runID, lineage)
    proofs = index
    return index.proof(of: trial, envelope: record.envelope, checkpoint: checkpoint)
  }

  /// Everything of one trial.
  nonisolated func page(of trial: UInt32) async throws -> TrialPage {
    try await access.reading { lineage in try await self.page(of: trial, lineage) }
  }

  nonisolated func page(of trial: UInt32, _ lineage: LineageServiceClient) async throws -> TrialPage {
    let record = try await record(trial, lineage)
    let key = try? PublicIdentity(text: await view.evaluatorKey)
    var badge = ProofBadge(.unverified, "the run's evaluator is not known yet")
    if let key {
      do {
        badge = ProofBadge(
          record, proof: try await proof(of: record, lineage), evaluatorKey: key, logKey: access.logKey,
          folder: access.directory.root.path)
      } catch {
        badge = ProofBadge(.unverified, "the log cannot be read: \(error)")
      }
    }
    var changes: [TrialPage.FileChange]?
    if let before = record.trial?.parentSnapshotId, let after = record.trial?.snapshotId, !before.isEmpty,
      !after.isEmpty, let old = try await recipe(before, lineage), let new = try await recipe(after, lineage)
    {
      changes = TrialPage.changes(from: old, to: new)
    }
    return TrialPage(record, evaluatorKey: key, proof: badge, changes: changes)
  }
}
