public import AssayIdentity
import AssayMessages
import AssayPatch
public import AssayProof
import AssayVerdict
import Foundation

extension RunReader {
  /// The record of the run as a bundle that proves itself: everything up to the checkpoint that the evaluator cosigned last.
  ///
  /// - Parameters:
  ///   - logKey: the lineage's public key.
  ///   - progress: told how many of how many parts are read.
  /// - Throws: `SupervisorError` when the lineage does not have what its own log names.
  public func proofs(
    logKey: PublicIdentity, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> ProofBundle {
    var request = LineageV1.GetCheckpointRequest()
    request.runId = description.runID
    let checkpoint = try await lineage.getCheckpoint(request, quick).note
    let size = Self.size(of: checkpoint)
    let run = try await run()
    let evaluator = try PublicIdentity(bytes: run.run?.evaluatorKey ?? [])
    // Each statement is read once, and what it names.
    let statements = try await statements(size) { progress($0, size * 2) }
    let verdicts = try statements.compactMap { try Self.verdict($0, by: evaluator) }
    return ProofBundle(
      checkpoint: checkpoint, statements: statements,
      objects: try await objects(of: verdicts) { progress(size + $0, size * 2) },
      logKey: logKey,
      evaluatorKey: evaluator)
  }

  /// The verdict of a trial with the proof that it is in the log.
  public func proof(of trial: UInt32, logKey: PublicIdentity) async throws -> StatementProof {
    let bundle = try await proofs(logKey: logKey)
    let index = try bundle.statements.firstIndex {
      try Self.verdict($0, by: bundle.evaluatorKey)?.verdict.trial == trial
    }
    guard let proof = index.flatMap({ StatementProof(of: $0, in: bundle) }) else {
      throw SupervisorError(
        .negative, "the log has no verdict of trial \(trial) yet that the evaluator has vouched for.")
    }
    return proof
  }

  /// Whether the record has the end of the run, and the evaluator has vouched for all of it.
  func isSettled() async throws -> Bool {
    guard try await run().finished else { return false }
    let (newest, kept) = (try await note(newest: true), try await note(newest: false))
    // The note that was kept is the newest one with a line more.
    return kept.count > newest.count && kept.starts(with: newest)
  }

  /// How many statements a note speaks of; the verifier checks everything else of it.
  static func size(of note: [UInt8]) -> Int {
    let lines = String(decoding: note, as: UTF8.self).split(separator: "\n")
    return lines.count > 1 ? Int(lines[1]) ?? 0 : 0
  }

  /// Nil for statements that are no verdicts.
  private static func verdict(_ envelope: [UInt8], by key: PublicIdentity) throws -> VerdictStatement? {
    do throws(IdentityError) {
      return try VerdictStatement.verified(envelope: envelope, key: key)
    } catch {
      guard error.code == .malformed else {
        throw SupervisorError(
          .verificationFailed, "the lineage's log holds a statement that the evaluator did not sign.")
      }
      return nil
    }
  }

  private func statements(_ count: Int, _ progress: (Int) -> Void) async throws -> [[UInt8]] {
    var statements: [[UInt8]] = []
    var request = LineageV1.ListStatementsRequest()
    request.runId = description.runID
    while statements.count < count {
      request.first = UInt64(statements.count)
      let page = try await lineage.listStatements(request, quick).envelopes
      guard !page.isEmpty else { break }
      statements += page
      progress(min(count, statements.count))
    }
    return Array(statements.prefix(count))
  }

  /// Proposals, logs, recipes and runners' statements that the verdicts name.
  private func objects(
    of verdicts: [VerdictStatement], _ progress: (Int) -> Void
  ) async throws -> Set<[UInt8]> {
    let wanted = Set(verdicts.map(\.verdict.trial))
    var objects: Set<[UInt8]> = []
    var request = LineageV1.ListTrialsRequest()
    request.runId = description.runID
    request.view = .all
    request.pageSize = 100
    repeat {
      let page = try await lineage.listTrials(request, quick)
      for record in page.records where wanted.contains(record.trial?.trial ?? .max) {
        objects.insert(record.trial?.proposal?.serialized() ?? [])
        objects.insert(Array(record.logExcerpt.utf8))
      }
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    for verdict in verdicts where verdict.facts.provenanceDigests != nil {
      objects.formUnion(try await provenance(of: verdict.verdict.trial))
    }
    for (number, id) in Set(verdicts.map(\.facts.snapshotID)).subtracting([""]).enumerated() {
      progress(number)
      var request = LineageV1.GetSnapshotRequest()
      request.runId = description.runID
      request.snapshotId = id
      let files = try await lineage.getSnapshot(request, quick).snapshot?.files ?? []
      let tree = try RecipeTree(
        Dictionary(files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first }))
      objects.insert(SnapshotDigest.listing(of: tree))
      for path in tree.paths { objects.insert(tree[path] ?? []) }
    }
    return objects
  }
}
