import AssayStatistics

/// Tells a seed that something on the host disturbed from one that is honestly different: it is measured again, with the
/// same seed. A recipe that depends on its seed gives about the same once more; a busy host does not.
enum Disturbance {
  /// How far from the other seeds a score has to be, in their standard deviations.
  static let threshold = 8.0
  /// With fewer others there is no telling what is far away.
  static let leastOthers = 3

  /// Indices of scores that are far from all others.
  ///
  /// - Parameter smallestEffect: differences below this matter to nobody.
  static func suspects(_ scores: [Double], smallestEffect: Double) -> [Int] {
    guard scores.count > leastOthers else { return [] }
    return scores.indices.filter { isFar(scores[$0], from: others(scores, $0), smallestEffect) }
  }

  /// The scores with each repeated one in the place of the first, where the first was a disturbance: the repeat agrees with
  /// the others. A repeat that is far away as well confirms the first.
  static func settled(_ scores: [Double], repeats: [Int: Double], smallestEffect: Double) -> [Double] {
    var settled = scores
    for (index, score) in repeats
    where scores.indices.contains(index) && !isFar(score, from: others(scores, index), smallestEffect) {
      settled[index] = score
    }
    return settled
  }

  private static func others(_ scores: [Double], _ index: Int) -> [Double] {
    scores.indices.filter { $0 != index }.map { scores[$0] }
  }

  private static func isFar(_ score: Double, from others: [Double], _ smallestEffect: Double) -> Bool {
    abs(score - Spread.mean(others)) > max(threshold * Spread.deviation(others), smallestEffect)
  }
}
