import Crypto
public import Foundation

/// What a backup of one service consists of: every file with its size and SHA-256, in `backup.json`.
public struct BackupManifest: Codable, Sendable, Hashable {
  public static let fileName = "backup.json"
  /// Version of the layout. A backup of a newer one is refused.
  public static let formatVersion = 1

  public struct File: Codable, Sendable, Hashable {
    /// Below the backup's folder.
    public var path: String
    public var size: UInt64
    public var sha256: String
  }

  public var format = BackupManifest.formatVersion
  /// `lineage` or `evaluator`.
  public var service: String
  public var created: Date
  public var files: [File]

  public var bytes: UInt64 { files.reduce(0) { $0 + $1.size } }

  /// Takes stock of a folder and writes its manifest, durably.
  ///
  /// - Returns: the manifest, and the SHA-256 of its file.
  static func write(service: String, in folder: URL) throws -> (manifest: BackupManifest, sha256: String) {
    var files: [File] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    where path != fileName {
      let file = folder.appending(path: path)
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
      let (size, digest) = try Self.digest(file)
      files.append(File(path: path, size: size, sha256: digest))
    }
    let manifest = BackupManifest(service: service, created: .now, files: files)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    let content = try encoder.encode(manifest)
    try content.write(to: folder.appending(path: fileName), options: .atomic)
    return (manifest, hex(SHA256.hash(data: content)))
  }

  /// Reads the manifest of a backup and checks every file against it.
  ///
  /// - Throws: `StoreError`, `.corrupt` naming the file that is not what the manifest says.
  public static func verified(in folder: URL) throws -> BackupManifest {
    guard let content = FileManager.default.contents(atPath: folder.appending(path: fileName).path) else {
      throw StoreError(.inputOutput, "\(folder.path) holds no \(fileName): it is no complete backup")
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let manifest: BackupManifest
    do {
      manifest = try decoder.decode(BackupManifest.self, from: content)
    } catch {
      throw StoreError(.corrupt, "\(folder.path)/\(fileName) cannot be read (\(error))")
    }
    guard manifest.format <= formatVersion else {
      throw StoreError(
        .newerVersion,
        "\(folder.path) was made by a newer Assay (format \(manifest.format), this program knows \(formatVersion)). Update Assay."
      )
    }
    for file in manifest.files {
      guard isPlain(file.path), let (size, digest) = try? digest(folder.appending(path: file.path)),
        size == file.size, digest == file.sha256
      else {
        throw StoreError(
          .corrupt,
          "\(file.path) in \(folder.path) is missing or not what the manifest says; use another backup")
      }
    }
    return manifest
  }

  /// Whether a path stays below its folder.
  private static func isPlain(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".."
    }
  }

  private static func digest(_ file: URL) throws -> (size: UInt64, sha256: String) {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    var hasher = SHA256()
    var size: UInt64 = 0
    while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
      hasher.update(data: part)
      size += UInt64(part.count)
    }
    return (size, hex(hasher.finalize()))
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    digest.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }
}
