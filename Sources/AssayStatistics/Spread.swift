/// Mean and spread of a few scores.
public enum Spread {
  public static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  /// Sample variance (n - 1); 0 for fewer than two values.
  public static func variance(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  public static func deviation(_ values: [Double]) -> Double { variance(values).squareRoot() }
}
