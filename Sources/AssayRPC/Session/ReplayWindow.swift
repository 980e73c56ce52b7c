/// Which counters of a session were used: each is accepted once, in any order within a window.
struct ReplayWindow: Sendable {
  static let size: UInt64 = 4096

  private var highest: UInt64 = 0
  private var bits = [UInt64](repeating: 0, count: Int(size) / 64)

  /// Whether the counter is fresh; marks it used.
  mutating func accept(_ counter: UInt64) -> Bool {
    guard counter > 0 else { return false }
    if counter > highest {
      let advance = counter - highest
      if advance >= Self.size {
        bits = [UInt64](repeating: 0, count: bits.count)
      } else {
        for passed in (highest + 1)...counter { clear(passed) }
      }
      highest = counter
      set(counter)
      return true
    }
    guard highest - counter < Self.size, !isSet(counter) else { return false }
    set(counter)
    return true
  }

  private func place(_ counter: UInt64) -> (word: Int, bit: UInt64) {
    let index = counter % Self.size
    return (Int(index / 64), 1 << (index % 64))
  }
  private func isSet(_ counter: UInt64) -> Bool {
    let (word, bit) = place(counter)
    return bits[word] & bit != 0
  }
  private mutating func set(_ counter: UInt64) {
    let (word, bit) = place(counter)
    bits[word] |= bit
  }
  private mutating func clear(_ counter: UInt64) {
    let (word, bit) = place(counter)
    bits[word] &= ~bit
  }
}
