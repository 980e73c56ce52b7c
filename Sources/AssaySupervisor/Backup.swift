public import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
public import Foundation
import Logging

/// Copies of a run, made while it goes on, and their way back.
public enum Backup {
  /// What one service wrote.
  public struct Part: Codable, Sendable, Hashable {
    public var service: String
    public var folder: String
    public var files: UInt32
    public var bytes: UInt64
    public var manifestSHA256: String

    private enum CodingKeys: String, CodingKey {
      case service, folder, files, bytes
      case manifestSHA256 = "manifest_sha256"
    }
  }

  /// How long the evaluator may keep the lineage waiting for the copies.
  private static let hold: UInt32 = 60_000

  /// Copies a run of this machine, whether it runs or not: record, evaluator's state, keys.
  ///
  /// - Parameter target: a new folder.
  public static func make(of directory: StateDirectory, to target: URL) async throws -> [Part] {
    let files = FileManager.default
    guard let description = try RunDescription.load(from: directory) else {
      throw SupervisorError(.usage, "no run was started in \(directory.root.path); there is nothing to copy")
    }
    guard description.lineageService == nil else {
      throw SupervisorError(
        .usage,
        "the services of this run are deployed: leave --out away, and each writes a backup where its --backups says"
      )
    }
    guard ((try? files.contentsOfDirectory(atPath: target.path)) ?? []).isEmpty else {
      throw SupervisorError(.usage, "\(target.path) is not empty; name a new folder with --out")
    }
    let services = description.evaluator == nil ? ["lineage", "evaluator"] : ["lineage"]
    return try await wrapping {
      try files.createDirectory(
        at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      if let lock = try? await directory.lockForRun() {
        defer { withExtendedLifetime(lock) {} }
        for service in services {
          try BackupFolder.copy(
            directory.state(of: service), of: service, to: target.appending(path: service))
        }
      } else {
        for part in try await ask(directory, services) {
          try files.moveItem(at: URL(filePath: part.folder), to: target.appending(path: part.service))
        }
      }
      for source in [directory.keys, directory.runFile, directory.root.appending(path: "version")] {
        try files.copyItem(at: source, to: target.appending(path: source.lastPathComponent))
      }
      return try services.map { service in
        let folder = target.appending(path: service)
        let manifest = try BackupManifest.verified(in: folder)
        return Part(
          service: service, folder: folder.path, files: UInt32(clamping: manifest.files.count),
          bytes: manifest.bytes, manifestSHA256: "")
      }
    }
  }

  /// Asks deployed services for backups, each in a folder of its own host.
  public static func ask(_ directory: StateDirectory) async throws -> [Part] {
    guard try RunDescription.load(from: directory)?.lineageService != nil else {
      throw SupervisorError(
        .usage, "the services of this run are of this machine; name a folder for the copy with --out")
    }
    return try await ask(directory, ["lineage", "evaluator"])
  }

  /// Both at one point: while the evaluator holds the record, the lineage has exactly what the evaluator believes it has.
  private static func ask(_ directory: StateDirectory, _ services: [String]) async throws -> [Part] {
    let lineage = try directory.operatorClient(of: "lineage")
    let evaluator = services.contains("evaluator") ? try directory.operatorClient(of: "evaluator") : nil
    defer {
      lineage.close()
      evaluator?.close()
    }
    let stamp = Date().formatted(
      .iso8601.year().month().day().time(includingFractionalSeconds: false).dateSeparator(.omitted)
        .timeSeparator(.omitted))
    let name = "backup-\(stamp.filter { $0.isNumber || $0 == "T" })-\(UInt16.random(in: 0 ... .max))"
    let options = CallOptions(timeout: .seconds(50), waitForReady: true)
    do {
      guard let evaluator else { return [try await part("lineage", lineage, name)] }
      let operations = OperationServiceClient(evaluator)
      var request = OperationV1.HoldRecordRequest()
      request.holdMs = hold
      _ = try await operations.holdRecord(request, options)
      let parts: [Part]
      do {
        parts = [
          try await part("evaluator", evaluator, name), try await part("lineage", lineage, name),
        ]
      } catch {
        _ = try? await operations.releaseRecord(OperationV1.ReleaseRecordRequest(), options)
        throw error
      }
      guard try await operations.releaseRecord(OperationV1.ReleaseRecordRequest(), options).held else {
        throw SupervisorError(
          .unavailable,
          "the copies took longer than \(hold / 1000) s and are not of one point; try again when there is less to do"
        )
      }
      return parts
    } catch let error as RPCError {
      throw SupervisorError(error)
    }
  }

  private static func part(_ service: String, _ client: RPCClient, _ name: String) async throws -> Part {
    var request = OperationV1.CreateBackupRequest()
    request.name = name
    let made = try await OperationServiceClient(client).createBackup(
      request, CallOptions(timeout: .seconds(55), idempotencyKey: name, waitForReady: true))
    return Part(
      service: service, folder: made.folder, files: made.files, bytes: made.bytes,
      manifestSHA256: made.manifestSha256)
  }

  /// Puts a copy of a run back, in a new state folder; or the copy of one service, in its folder.
  public static func restore(_ backup: URL, to target: URL) throws -> [Part] {
    let files = FileManager.default
    func part(_ folder: URL, _ target: URL) throws -> Part {
      let manifest = try BackupFolder.restore(folder, to: target)
      return Part(
        service: manifest.service, folder: target.path, files: UInt32(clamping: manifest.files.count),
        bytes: manifest.bytes, manifestSHA256: "")
    }
    return try wrapping {
      if files.fileExists(atPath: backup.appending(path: BackupManifest.fileName).path) {
        return [try part(backup, target)]
      }
      guard files.fileExists(atPath: backup.appending(path: "run.json").path) else {
        throw SupervisorError(
          .usage, "\(backup.path) is no backup: it holds neither run.json nor \(BackupManifest.fileName)")
      }
      guard ((try? files.contentsOfDirectory(atPath: target.path)) ?? []).isEmpty else {
        throw SupervisorError(
          .stateConflict, "\(target.path) is not empty; a backup is restored to an empty or new folder")
      }
      let services = ["lineage", "evaluator"].filter {
        files.fileExists(atPath: backup.appending(path: $0).path)
      }
      // All is checked before anything is written.
      for service in services { _ = try BackupManifest.verified(in: backup.appending(path: service)) }
      try files.createDirectory(
        at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for name in ["keys", "run.json", "version"] {
        try files.copyItem(at: backup.appending(path: name), to: target.appending(path: name))
      }
      for name in ["logs", "sockets"] {
        try files.createDirectory(
          at: target.appending(path: name), withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
      }
      return try services.map {
        try part(backup.appending(path: $0), target.appending(path: $0))
      }
    }
  }

  /// Asks the evaluator to remove what nothing names any more.
  ///
  /// - Parameter age: artifacts younger than this stay; nil for an hour.
  public static func collectGarbage(
    _ directory: StateDirectory, dryRun: Bool, youngerThan age: Duration?
  ) async throws -> OperationV1.CollectGarbageResponse {
    let client = try directory.operatorClient(of: "evaluator")
    defer { client.close() }
    var request = OperationV1.CollectGarbageRequest()
    request.dryRun = dryRun
    request.youngerThanMs = age.map { UInt64(max(1, $0.components.seconds * 1000)) } ?? 0
    do throws(RPCError) {
      return try await OperationServiceClient(client).collectGarbage(
        request, CallOptions(timeout: .seconds(120)))
    } catch {
      throw SupervisorError(error)
    }
  }

  private static func wrapping<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw translated(error) }
  }

  private static func wrapping<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch { throw translated(error) }
  }

  private static func translated(_ error: any Error) -> any Error {
    switch error {
    case let error as StoreError:
      SupervisorError(
        error.code == .corrupt
          ? .verificationFailed : error.code == .inUse ? .stateConflict : .unavailable, error.message)
    case let error as CocoaError: SupervisorError(.unavailable, error.localizedDescription)
    default: error
    }
  }
}
