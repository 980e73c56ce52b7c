import Foundation

/// Files piece by piece.
enum FileReading {
  /// Calls `body` with one piece after the other, in order.
  static func chunks(of url: URL, _ body: ([UInt8]) throws -> Void) throws {
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: url)
    } catch {
      throw ImportError(.inputOutput, "cannot read \(url.path): \(error.localizedDescription)")
    }
    defer { try? handle.close() }
    while let data = try handle.read(upToCount: 1 << 18), !data.isEmpty { try body([UInt8](data)) }
  }

  static func size(of url: URL) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int) ?? 0
  }
}
