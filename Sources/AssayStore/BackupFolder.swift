public import Foundation
import GRDB
import Glibc

/// Where a service puts copies of what it keeps: one folder a backup, complete when it has its name.
public struct BackupFolder: Sendable {
  public let root: URL

  public init(_ root: URL) { self.root = root }

  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && text.first != "."
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }

  public struct Made: Sendable {
    public var folder: URL
    public var manifest: BackupManifest
    public var sha256: String
  }

  /// Makes a backup of a database, and of what `fill` adds.
  ///
  /// - Parameters:
  ///   - service: `lineage` or `evaluator`.
  ///   - fill: gets the folder after the database was copied, so that all that it names is still there.
  /// - Throws: `StoreError`; `.inUse` when the name is taken. Nothing half-made stays.
  public func make(
    _ name: String, of service: String, _ store: Store,
    fill: @Sendable (URL) async throws -> Void = { _ in }
  ) async throws -> Made {
    let place = root.appending(path: name)
    let draft = root.appending(path: ".\(name).new")
    let files = FileManager.default
    guard Self.isName(name), !files.fileExists(atPath: place.path) else {
      throw StoreError(.inUse, "a backup '\(name)' is there already, or the name is none; choose another")
    }
    do {
      try? files.removeItem(at: draft)
      try files.createDirectory(
        at: draft, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try await store.copy(to: draft.appending(path: URL(filePath: store.path).lastPathComponent).path)
      try await fill(draft)
      let (manifest, digest) = try BackupManifest.write(service: service, in: draft)
      try Self.sync(draft)
      guard rename(draft.path, place.path) == 0 else {
        throw StoreError(.inputOutput, "cannot name \(place.path): \(String(cString: strerror(errno)))")
      }
      do { try Self.sync(root) } catch {
        try? files.removeItem(at: place)
        throw error
      }
      return Made(folder: place, manifest: manifest, sha256: digest)
    } catch {
      try? files.removeItem(at: draft)
      guard let failure = error as? CocoaError else { throw error }
      throw StoreError(.inputOutput, "cannot write \(place.path): \(failure.localizedDescription)")
    }
  }

  /// Makes a backup of the folder of a service that does not run: its files as they are, write-ahead log included.
  ///
  /// - Parameter target: a new folder.
  public static func copy(_ folder: URL, of service: String, to target: URL) throws {
    let files = FileManager.default
    do {
      try files.createDirectory(
        at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for name in try files.contentsOfDirectory(atPath: folder.path)
      where !["backups", "scratch", "uploads"].contains(name) && !name.hasSuffix(".lock") {
        try files.copyItem(at: folder.appending(path: name), to: target.appending(path: name))
      }
      _ = try BackupManifest.write(service: service, in: target)
      try sync(target)
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.inputOutput, "cannot copy \(folder.path): \(error.localizedDescription)")
    }
  }

  /// Puts a backup of a service in the place of a state folder that has none yet.
  ///
  /// - Throws: `StoreError`: `.corrupt`, `.newerVersion`, or `.inUse` when something is there.
  @discardableResult
  public static func restore(_ backup: URL, to folder: URL) throws -> BackupManifest {
    let manifest = try BackupManifest.verified(in: backup)
    let files = FileManager.default
    let present = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
    guard present.filter({ $0 != "lost+found" }).isEmpty else {
      throw StoreError(
        .inUse, "\(folder.path) is not empty; a backup is restored to an empty or new folder")
    }
    do {
      try files.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for file in manifest.files {
        let target = folder.appending(path: file.path)
        try files.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
        try files.copyItem(at: backup.appending(path: file.path), to: target)
        chmod(target.path, 0o600)
      }
      try sync(folder)
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.inputOutput, "cannot restore to \(folder.path): \(error.localizedDescription)")
    }
    return manifest
  }

  /// Makes all files of a folder, and their names, durable.
  private static func sync(_ folder: URL) throws {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    for path in [folder.path] + paths.map({ folder.appending(path: $0).path }) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else {
        throw StoreError(.inputOutput, "cannot write \(path): \(String(cString: strerror(errno)))")
      }
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 else {
        throw StoreError(.inputOutput, "cannot write \(path): \(String(cString: strerror(errno)))")
      }
    }
  }
}

extension Store {
  /// Writes a copy of what is committed, as one database file. Writes wait while it is made.
  func copy(to path: String) async throws {
    try await read { database in
      try database.execute(sql: "VACUUM INTO ?", arguments: [path])
    }
    chmod(path, 0o600)
  }
}
