import AssayMessages

/// An amount of everything that a run spends. Sums stop at the largest number instead of starting again from 0.
struct Amount: Hashable, Sendable, Codable {
  var trials: UInt64 = 0
  var cpuMilliseconds: UInt64 = 0
  var gpuMilliseconds: UInt64 = 0
  var tokens: UInt64 = 0
  var nanodollars: UInt64 = 0

  static let resources: [any WritableKeyPath<Amount, UInt64> & Sendable] = [
    \.trials, \.cpuMilliseconds, \.gpuMilliseconds, \.tokens, \.nanodollars,
  ]

  static func + (left: Amount, right: Amount) -> Amount {
    var sum = left
    for resource in resources {
      let (value, overflow) = left[keyPath: resource].addingReportingOverflow(right[keyPath: resource])
      // What a database's integer holds.
      sum[keyPath: resource] = overflow ? UInt64(Int64.max) : min(value, UInt64(Int64.max))
    }
    return sum
  }

  /// What is left after taking away at most all of it.
  static func - (left: Amount, right: Amount) -> Amount {
    var rest = left
    for resource in resources {
      rest[keyPath: resource] -= min(left[keyPath: resource], right[keyPath: resource])
    }
    return rest
  }
}

extension Amount {
  init(_ spend: EvaluatorV1.Spend?) {
    guard let spend else {
      self.init()
      return
    }
    self.init(
      trials: UInt64(spend.trials), cpuMilliseconds: min(spend.cpuMs, UInt64(Int64.max)),
      gpuMilliseconds: min(spend.gpuMs, UInt64(Int64.max)), tokens: min(spend.tokens, UInt64(Int64.max)),
      nanodollars: min(spend.nanodollars, UInt64(Int64.max)))
  }

  init(_ usage: EvaluatorV1.ModelUsage?, nanodollars: UInt64) {
    guard let usage else {
      self.init(nanodollars: min(nanodollars, UInt64(Int64.max)))
      return
    }
    let kinds = [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens]
    self = kinds.reduce(Amount(nanodollars: min(nanodollars, UInt64(Int64.max)))) { $0 + Amount(tokens: $1) }
  }

  var wire: EvaluatorV1.Spend {
    var spend = EvaluatorV1.Spend()
    spend.trials = UInt32(clamping: trials)
    spend.cpuMs = cpuMilliseconds
    spend.gpuMs = gpuMilliseconds
    spend.tokens = tokens
    spend.nanodollars = nanodollars
    return spend
  }
}
