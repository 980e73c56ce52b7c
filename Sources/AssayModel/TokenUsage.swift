/// The tokens of one or more model requests, as the server counted them.
public struct TokenUsage: Sendable, Hashable, Codable {
  /// Tokens of the prompt that were read neither from a cache nor written to one.
  public var input: Int
  /// Generated tokens, thinking included.
  public var output: Int
  /// Tokens of the prompt that came from the server's cache.
  public var cacheRead: Int
  /// Tokens of the prompt that the server put into its cache.
  public var cacheWrite: Int

  public init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
  }

  /// No server counts more in one answer: a larger count is cut, so that sums of counts stay numbers.
  static let largestCount = 1 << 40

  /// All tokens, of whichever price.
  public var total: Int { input + output + cacheRead + cacheWrite }

  public static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: left.input + right.input, output: left.output + right.output,
      cacheRead: left.cacheRead + right.cacheRead, cacheWrite: left.cacheWrite + right.cacheWrite)
  }

  public static func += (left: inout TokenUsage, right: TokenUsage) { left = left + right }
}
