import Foundation

/// Plain statistics of samples.
public enum Statistics {
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Sample standard deviation, with n - 1.
  public static func deviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let mean = mean(values) else { return nil }
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  public static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Values without those further than `deviations` robust deviations (1.4826 times the median absolute deviation) from the median.
  public static func withoutOutliers(_ values: [Double], deviations: Double = 5) -> [Double] {
    guard let middle = median(values), let spread = median(values.map { abs($0 - middle) }), spread > 0 else {
      return values
    }
    return values.filter { abs($0 - middle) <= deviations * 1.4826 * spread }
  }

  /// Pearson's correlation.
  public static func correlation(_ pairs: [(Double, Double)]) -> Double? {
    guard pairs.count > 2, let x = mean(pairs.map(\.0)), let y = mean(pairs.map(\.1)) else { return nil }
    let xy = pairs.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
    let xx = pairs.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    let yy = pairs.reduce(0) { $0 + ($1.1 - y) * ($1.1 - y) }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : nil
  }

  /// Quantile of the standard normal distribution, by bisection on `erfc`.
  public static func normalQuantile(_ probability: Double) -> Double {
    var low = -12.0
    var high = 12.0
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// Expected maximum of `count` standard normal draws, by Blom's approximation (Statistical Estimates and Transformed
  /// Beta-Variables, 1958).
  public static func expectedMaximum(of count: Int) -> Double {
    normalQuantile((Double(count) - 0.375) / (Double(count) + 0.25))
  }
}
