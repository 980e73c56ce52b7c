import AssayPatch

/// A small deterministic generator, so that a failing property can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

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
