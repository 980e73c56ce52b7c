/// Numbers in the order in which they came.
struct NumberQueue {
  private var numbers: [UInt64] = []
  private var first = 0

  mutating func append(_ number: UInt64) { numbers.append(number) }

  mutating func popFirst() -> UInt64? {
    guard first < numbers.count else { return nil }
    defer {
      first += 1
      // What was taken out is let go of in bulk, so that each costs the same however long the queue is.
      if first >= 64, 2 * first >= numbers.count {
        numbers.removeFirst(first)
        first = 0
      }
    }
    return numbers[first]
  }
}
