import Foundation

/// Writes a new file piece by piece, with a buffer.
final class FileWriter {
  private let handle: FileHandle
  private let path: String
  private var buffer: [UInt8] = []

  init(_ url: URL) throws {
    path = url.path
    guard FileManager.default.createFile(atPath: url.path, contents: nil),
      let handle = FileHandle(forWritingAtPath: url.path)
    else { throw ExportError(.inputOutput, "cannot write \(url.path); choose another place.") }
    self.handle = handle
  }

  func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 18 { try flush() }
  }

  func write(_ bytes: [UInt8]) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 18 { try flush() }
  }

  func close() throws {
    try flush()
    try handle.close()
  }

  private func flush() throws {
    do {
      try handle.write(contentsOf: buffer)
    } catch {
      throw ExportError(.inputOutput, "cannot write \(path): \(error.localizedDescription)")
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
