import Crypto
import Foundation

/// The content address of a recipe tree.
///
/// SHA-256 over one entry a file, in bytewise order of the paths: the path, a zero byte, the SHA-256 of the
/// content in lower-case hexadecimal, a newline. Anyone can recompute it with a shell.
public enum SnapshotDigest {
  /// The snapshot id: 64 lower-case hexadecimal digits.
  public static func hex(of tree: RecipeTree) -> String { hex(ofContent: listing(of: tree)) }

  /// The bytes that the snapshot id is the SHA-256 of.
  public static func listing(of tree: RecipeTree) -> [UInt8] {
    tree.paths.flatMap { Array($0.utf8) + [0] + Array(hex(ofContent: tree[$0] ?? []).utf8) + [0x0a] }
  }

  /// The SHA-256 of bytes: 64 lower-case hexadecimal digits.
  public static func hex(ofContent bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// Whether a text from outside has the form of a snapshot id.
  public static func isWellFormed(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
