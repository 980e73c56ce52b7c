/// What a model's tokens cost, in nanodollars a token: the number of dollars a million tokens, times 1000.
///
/// Whole numbers, so that sums over a run are exact.
public struct TokenPrice: Sendable, Hashable, Codable {
  public var input: Int64
  public var output: Int64
  public var cacheRead: Int64
  public var cacheWrite: Int64

  public init(input: Int64, output: Int64, cacheRead: Int64, cacheWrite: Int64) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
  }

  /// What so many tokens cost, in nanodollars; `Int64.max` where the sum does not fit.
  public func cost(of usage: TokenUsage) -> Int64 {
    var sum: Int64 = 0
    for (price, count) in [
      (input, usage.input), (output, usage.output), (cacheRead, usage.cacheRead),
      (cacheWrite, usage.cacheWrite),
    ] {
      let (product, tooLarge) = price.multipliedReportingOverflow(by: Int64(clamping: count))
      let (next, overflow) = sum.addingReportingOverflow(product)
      if tooLarge || overflow { return .max }
      sum = next
    }
    return sum
  }
}
