import AssayPatch
import AssayRandom

extension SeededGenerator {
  /// A text of a few distinct lines, so that repeats and ambiguity are common.
  mutating func text(lines: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<lines {
      let alphabet: [String] = [
        "", "a", "b", "c", "  return x", "\r", "-- x", "++ y", "\\ z", "@@ -1 +1 @@", "é",
      ]
      bytes += Array((alphabet.randomElement(using: &self) ?? "").utf8) + [0x0a]
    }
    if !bytes.isEmpty, Bool.random(using: &self), bytes.dropLast().last.map({ $0 != 0x0a }) ?? false {
      bytes.removeLast()
    }
    return bytes
  }

  /// A text near another: some lines changed, removed, added.
  mutating func edit(_ bytes: [UInt8], times: Int) -> [UInt8] {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    for _ in 0..<times {
      let at = Int.random(in: 0..<max(lines.count, 1), using: &self)
      switch Int.random(in: 0..<3, using: &self) {
      case 0 where lines.count > 1: lines.remove(at: at)
      case 1 where !lines.isEmpty: lines[at] = Array("edit \(Int.random(in: 0..<5, using: &self))".utf8)
      default: lines.insert(Array("new \(Int.random(in: 0..<5, using: &self))".utf8), at: at)
      }
    }
    return Array(lines.joined(separator: [0x0a]))
  }
}

func tree(_ files: [String: String]) throws -> RecipeTree {
  try RecipeTree(files.mapValues { Array($0.utf8) })
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
