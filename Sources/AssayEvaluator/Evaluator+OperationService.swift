import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import AssayVerdict
import Foundation
import GRDB
import Glibc

/// What an operator asks: copies, and what may go.
extension Evaluator: OperationService {
  /// The database first, then every blob: what the copied database names is there, since blobs never change, and garbage is not
  /// collected meanwhile.
  public func createBackup(
    _ request: OperationV1.CreateBackupRequest, _ context: CallContext
  ) async throws -> OperationV1.CreateBackupResponse {
    let root = configuration.backups ?? configuration.stateFolder + "/backups"
    let made: BackupFolder.Made
    do {
      made = try await upkeep.alone { [store, blobs] in
        try await BackupFolder(URL(filePath: root)).make(request.name, of: "evaluator", store) { folder in
          try await blobs.copyAll(to: folder.appending(path: "blobs").path)
        }
      }
    } catch let error as StoreError where error.code == .inUse {
      throw RPCError(.alreadyExists, reason: "BACKUP_EXISTS", error.message)
    } catch let error as StoreError {
      logger.error("no backup: \(error)")
      throw RPCError(
        .unavailable, reason: "BACKUP_FAILED",
        "the evaluator could not write a backup; its log says why. Check the disk of its host.")
    }
    logger.notice(
      "backup \(made.folder.path): \(made.manifest.files.count) files, \(made.manifest.bytes) bytes")
    var response = OperationV1.CreateBackupResponse()
    response.folder = made.folder.path
    response.files = UInt32(clamping: made.manifest.files.count)
    response.bytes = made.manifest.bytes
    response.manifestSha256 = made.sha256
    return response
  }

  public func holdRecord(
    _ request: OperationV1.HoldRecordRequest, _ context: CallContext
  ) async throws -> OperationV1.HoldRecordResponse {
    guard (1...60_000).contains(request.holdMs) else {
      throw RPCError(.invalidArgument, reason: "BAD_HOLD", "hold_ms is 1 to 60000")
    }
    try await hold.hold(milliseconds: Int64(request.holdMs))
    return OperationV1.HoldRecordResponse()
  }

  public func releaseRecord(
    _ request: OperationV1.ReleaseRecordRequest, _ context: CallContext
  ) async throws -> OperationV1.ReleaseRecordResponse {
    var response = OperationV1.ReleaseRecordResponse()
    response.held = hold.release()
    return response
  }

  public func collectGarbage(
    _ request: OperationV1.CollectGarbageRequest, _ context: CallContext
  ) async throws -> OperationV1.CollectGarbageResponse {
    let age = request.youngerThanMs == 0 ? 3_600_000 : Int64(clamping: request.youngerThanMs)
    return try await upkeep.alone { [self] in
      let named = try await consult { try self.namedBlobs($0) }
      let swept = try await blobs.sweep(keeping: named, youngerThan: age, dryRun: request.dryRun)
      logger.notice(
        "garbage: \(swept.removed) artifacts of \(swept.removedBytes) bytes \(request.dryRun ? "could go" : "are gone")"
      )
      var response = OperationV1.CollectGarbageResponse()
      response.kept = swept.kept
      response.keptBytes = swept.keptBytes
      response.removed = swept.removed
      response.removedBytes = swept.removedBytes
      return response
    }
  }

  /// Digests of everything that a verdict names, that a run which goes on may need, or that belongs to a task.
  private func namedBlobs(_ database: Database) throws -> Set<String> {
    var named: Set<String> = []
    for owned in configuration.tasks {
      for tree in [owned.task.harness, owned.task.baseline] {
        for path in tree.paths { named.insert(BlobStore.digest(tree[path] ?? [])) }
      }
    }
    let envelopes = try Row.fetchCursor(
      database, sql: "SELECT envelope FROM trials WHERE envelope IS NOT NULL")
    while let row = try envelopes.next() {
      let envelope = [UInt8](row["envelope"] as Data)
      named.formUnion(
        try VerdictStatement.verified(envelope: envelope, key: configuration.key.publicIdentity)
          .facts.artifactDigests)
    }
    let open = """
      run_id IN (SELECT run_id FROM runs WHERE phase NOT IN (
        \(EvaluatorV1.RunPhase.finished.rawValue), \(EvaluatorV1.RunPhase.failed.rawValue)))
      """
    let jobs = try Row.fetchCursor(database, sql: "SELECT spec FROM jobs WHERE \(open)")
    while let row = try jobs.next() {
      let job = try RunnerV1.Job(serialized: [UInt8](row["spec"] as Data))
      named.formUnion(job.files.map(\.digest))
    }
    named.formUnion(
      try String.fetchAll(
        database,
        sql: "SELECT digest FROM job_outputs WHERE job_id IN (SELECT job_id FROM jobs WHERE \(open))"))
    return named
  }
}
