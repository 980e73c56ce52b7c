/// Finds the row from which a column means something else.
///
/// What a node spent beside training and evaluation (`total - train - eval`) stays in a band while the columns keep their
/// meaning. Two bands that do not touch, one before and one after a row, say that it changed there.
struct ColumnShift {
  private var rests: [(position: Int32, rest: Float)] = []
  /// Rows on each side that a change needs to be told from chance.
  static let rowsNeeded = 20

  mutating func add(_ position: Int, total: Double?, train: Double?, eval: Double?) {
    guard let total, let train, let eval else { return }
    rests.append((Int32(position), Float(total - train - eval)))
  }

  /// Position of the first row after the change, with the bands on both sides; nil when there is none.
  func change() -> (position: Int, before: ClosedRange<Float>, after: ClosedRange<Float>)? {
    let count = rests.count
    guard count >= 2 * Self.rowsNeeded else { return nil }
    var after: [ClosedRange<Float>] = []
    after.reserveCapacity(count)
    var band = rests[count - 1].rest...rests[count - 1].rest
    for index in stride(from: count - 1, through: 0, by: -1) {
      band = min(band.lowerBound, rests[index].rest)...max(band.upperBound, rests[index].rest)
      after.append(band)
    }
    var before = rests[0].rest...rests[0].rest
    var best: (gap: Float, index: Int, before: ClosedRange<Float>)?
    for index in 1..<count {
      before = min(before.lowerBound, rests[index - 1].rest)...max(before.upperBound, rests[index - 1].rest)
      guard index >= Self.rowsNeeded, count - index >= Self.rowsNeeded else { continue }
      let other = after[count - 1 - index]
      let gap = max(other.lowerBound - before.upperBound, before.lowerBound - other.upperBound)
      // Rounding and chance leave small gaps between bands; a change of meaning is larger than both are wide.
      guard gap > 0, gap > (best?.gap ?? 0), gap > before.upperBound - before.lowerBound else { continue }
      best = (gap, index, before)
    }
    guard let best else { return nil }
    return (Int(rests[best.index].position), best.before, after[count - 1 - best.index])
  }
}
