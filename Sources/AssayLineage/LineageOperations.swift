import AssayMessages
import AssayRPC
public import AssayServices
import AssayStore
public import Foundation
public import Logging

/// What an operator asks of the lineage: a copy of the record. It never removes anything.
public struct LineageOperations: OperationService {
  private let store: LineageStore
  private let backups: URL
  private let logger: Logger

  public init(store: LineageStore, backups: URL, logger: Logger) {
    self.store = store
    self.backups = backups
    self.logger = logger
  }

  public func createBackup(
    _ request: OperationV1.CreateBackupRequest, _ context: CallContext
  ) async throws -> OperationV1.CreateBackupResponse {
    let made: BackupFolder.Made
    do {
      made = try await BackupFolder(backups).make(request.name, of: "lineage", store.store)
    } catch let error as StoreError where error.code == .inUse {
      throw RPCError(.alreadyExists, reason: "BACKUP_EXISTS", error.message)
    } catch let error as StoreError {
      logger.error("no backup: \(error)")
      throw RPCError(
        .unavailable, reason: "BACKUP_FAILED",
        "the lineage could not write a backup; its log says why. Check the disk of its host.")
    }
    logger.notice("backup \(made.folder.path): \(made.manifest.bytes) bytes")
    var response = OperationV1.CreateBackupResponse()
    response.folder = made.folder.path
    response.files = UInt32(clamping: made.manifest.files.count)
    response.bytes = made.manifest.bytes
    response.manifestSha256 = made.sha256
    return response
  }

  public func holdRecord(
    _ request: OperationV1.HoldRecordRequest, _ context: CallContext
  ) async throws -> OperationV1.HoldRecordResponse { throw Self.evaluatorOnly }

  public func releaseRecord(
    _ request: OperationV1.ReleaseRecordRequest, _ context: CallContext
  ) async throws -> OperationV1.ReleaseRecordResponse { throw Self.evaluatorOnly }

  public func collectGarbage(
    _ request: OperationV1.CollectGarbageRequest, _ context: CallContext
  ) async throws -> OperationV1.CollectGarbageResponse { throw Self.evaluatorOnly }

  private static let evaluatorOnly = RPCError(
    .unimplemented, reason: "EVALUATOR_ONLY", "the record is append-only; ask the evaluator")
}
