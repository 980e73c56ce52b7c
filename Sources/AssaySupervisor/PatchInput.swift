import Foundation

/// Reads a patch that a person names, without taking in more than can be accepted.
public enum PatchInput {
  public static let maximumBytes = 1 << 20

  /// - Parameter name: a path, or `-` for standard input.
  public static func read(_ name: String) throws -> [UInt8] {
    let handle: FileHandle
    if name == "-" {
      handle = .standardInput
    } else {
      guard let opened = FileHandle(forReadingAtPath: name) else {
        throw SupervisorError(
          .usage, "cannot read the patch \(name). Name a readable file, or - for standard input.")
      }
      handle = opened
    }
    var bytes: [UInt8] = []
    while let part = try? handle.read(upToCount: 1 << 16), !part.isEmpty {
      bytes += part
      guard bytes.count <= maximumBytes else {
        throw SupervisorError(
          .usage,
          "the patch is larger than \(maximumBytes) bytes, which no task accepts. Submit smaller edits.")
      }
    }
    guard !bytes.isEmpty else { throw SupervisorError(.usage, "the patch \(name) is empty.") }
    return bytes
  }
}
