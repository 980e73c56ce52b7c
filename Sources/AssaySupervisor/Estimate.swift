import AssayStatistics

/// A mean over runs with its 95 % interval, by Student's t.
public struct Estimate: Codable, Sendable, Equatable {
  public var mean: Double
  /// Nil for fewer than two runs.
  public var halfWidth: Double?
  public var runs: Int

  private enum CodingKeys: String, CodingKey {
    case mean
    case halfWidth = "half_width"
    case runs
  }

  /// Nil of nothing.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    mean = Spread.mean(values)
    runs = values.count
    if values.count > 1 {
      halfWidth =
        StudentT.quantile(0.975, degrees: Double(values.count - 1)) * Spread.deviation(values)
        / Double(values.count).squareRoot()
    }
  }

  /// Whether 0 lies outside the interval: 1 above, -1 below, 0 where it does not.
  public var sign: Int {
    guard let halfWidth, abs(mean) > halfWidth else { return 0 }
    return mean > 0 ? 1 : -1
  }

  func text(_ digits: Int) -> String {
    let number = { (value: Double) in Self.decimal(value, digits) }
    return halfWidth.map { "\(number(mean)) ± \(number($0))" } ?? number(mean)
  }

  static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = Int64((abs(value) * scale).rounded())
    let whole = "\(rounded / Int64(scale))"
    guard digits > 0 else { return (value < 0 && rounded > 0 ? "-" : "") + whole }
    let fraction = String(rounded % Int64(scale))
    return (value < 0 && rounded > 0 ? "-" : "") + whole + "."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
