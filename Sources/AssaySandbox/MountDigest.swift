import Crypto
import Foundation
import Glibc

/// The SHA-256 of a folder's content, so that two hosts can tell whether they mount the same.
///
/// Over one entry a file or link, in bytewise order of the paths: the path, a zero byte, the SHA-256 of the content (of a link: of
/// its target) in lower-case hexadecimal, a newline.
public enum MountDigest {
  /// Nil when the folder cannot be read whole.
  public static func hex(of folder: String) -> String? {
    guard let entries = entries(of: folder) else { return nil }
    var listing: [UInt8] = []
    for entry in entries {
      guard let digest = digest(folder + "/" + entry.path, isLink: entry.isLink) else { return nil }
      listing += Array(entry.path.utf8) + [0] + Array(digest.utf8) + [0x0a]
    }
    return hexadecimal(SHA256.hash(data: listing))
  }

  /// A file or link as it stands: when all of a folder are as they were, so is its digest.
  public struct Entry: Hashable, Sendable {
    var path: String
    var isLink: Bool
    var size: Int
    var modifiedSeconds: Int
    var modifiedNanoseconds: Int
  }

  /// Files and links below a folder, in order; nil when one of them is something else.
  public static func entries(of folder: String) -> [Entry]? {
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else { return nil }
    var entries: [Entry] = []
    for path in paths {
      var status = stat()
      guard lstat(folder + "/" + path, &status) == 0 else { return nil }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: continue
      case S_IFREG, S_IFLNK:
        entries.append(
          Entry(
            path: path, isLink: status.st_mode & S_IFMT == S_IFLNK, size: Int(status.st_size),
            modifiedSeconds: status.st_mtim.tv_sec, modifiedNanoseconds: status.st_mtim.tv_nsec))
      default: return nil
      }
    }
    return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private static func digest(_ path: String, isLink: Bool) -> String? {
    if isLink {
      return (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map {
        hexadecimal(SHA256.hash(data: Array($0.utf8)))
      }
    }
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    var hash = SHA256()
    do {
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    } catch {
      return nil
    }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
