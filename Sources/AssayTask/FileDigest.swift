import Crypto
import Foundation

/// Digests of files of any size, read in pieces.
enum FileDigest {
  static func sha256(_ path: String) throws(TaskError) -> (hex: String, bytes: Int) {
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      var hash = SHA256()
      var count = 0
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        hash.update(data: piece)
        count += piece.count
      }
      return (hexadecimal(hash.finalize()), count)
    } catch {
      throw TaskError(.unreadable, "cannot read '\(path)'; check its permissions", cause: error)
    }
  }

  static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
