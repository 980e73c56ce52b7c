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
    try await answer(trial, lineage).record ?? .init()
  }

  private nonisolated func answer(_ trial: UInt32, _ lineage: LineageServiceClient) async throws
    -> LineageV1.GetTrialResponse
  {
    var request = LineageV1.GetTrialRequest()
    request.runId = access.description.runID
    request.trial = trial
    request.provenance = true
    return try await lineage.getTrial(request, RecordAccess.patient)
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

  nonisolated func words(of trial: UInt32) async throws -> (hypothesis: String, reason: String) {
    let record = try await access.reading { try await self.record(trial, $0) }
    return (record.trial?.proposal?.hypothesis ?? "", record.verdict?.reason ?? "")
  }

  nonisolated func proof(of trial: UInt32) async throws -> String? {
    try await access.reading { lineage in
      try await self.proof(of: try await self.record(trial, lineage), lineage)?.text
    }
  }

  nonisolated func files(of trial: UInt32) async throws -> [String: [UInt8]] {
    try await access.reading { lineage in
      let record = try await self.record(trial, lineage)
      var files: [String: [UInt8]] = [:]
      if !record.envelope.isEmpty { files["verdict.dsse.json"] = record.envelope }
      if let proof = try await self.proof(of: record, lineage) {
        files["verdict.proof"] = Array(proof.text.utf8)
      }
      if !record.logExcerpt.isEmpty { files["log.txt"] = Array(record.logExcerpt.utf8) }
      if let edit = record.trial?.proposal?.edit, !edit.isEmpty { files["edit.patch"] = edit }
      guard let id = record.trial?.snapshotId, !id.isEmpty, let recipe = try await self.recipe(id, lineage)
      else { return files }
      for path in recipe.paths { files["recipe/" + path] = recipe[path] }
      if let before = record.trial?.parentSnapshotId, !before.isEmpty,
        let parent = try await self.recipe(before, lineage),
        let diff = try? UnifiedDiff.make(from: parent, to: recipe), !diff.files.isEmpty
      {
        files["diff.patch"] = diff.bytes
      }
      return files
    }
  }

  nonisolated func page(of trial: UInt32) async throws -> TrialPage {
    try await access.reading { lineage in try await self.page(of: trial, lineage) }
  }

  private nonisolated func page(of trial: UInt32, _ lineage: LineageServiceClient) async throws -> TrialPage {
    let answer = try await answer(trial, lineage)
    let record = answer.record ?? .init()
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
    var page = TrialPage(record, evaluatorKey: key, proof: badge, changes: changes)
    page.provenance = answer.provenance.prefix(32).compactMap { envelope in
      (try? DSSEEnvelope(json: envelope)).map { String(decoding: $0.payload, as: UTF8.self) }
    }
    return page
  }
}
