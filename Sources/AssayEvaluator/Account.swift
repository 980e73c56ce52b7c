/// What was spent for certain, and what is set aside for what is under way. Pure; whoever keeps it stores it in the transaction of the
/// change that it stands for.
///
/// Whatever the order of other changes, a reservation ends in one of three ways: settled by what was used, refunded, or, when
/// whoever made it is gone, never: then it stays set aside in full.
struct Account: Hashable, Sendable {
  var settled = Amount()
  var reserved = Amount()

  /// What the bounds see: nothing that may yet be spent is free.
  var committed: Amount { settled + reserved }

  mutating func reserve(_ amount: Amount) { reserved = reserved + amount }

  mutating func settle(_ amount: Amount, reserved earlier: Amount) {
    reserved = reserved - earlier
    settled = settled + amount
  }

  mutating func refund(_ earlier: Amount) { reserved = reserved - earlier }

  /// What was settled at a guess turns out to have been something else.
  mutating func correct(from guess: Amount, to amount: Amount) { settled = settled - guess + amount }

  static func + (left: Account, right: Account) -> Account {
    Account(settled: left.settled + right.settled, reserved: left.reserved + right.reserved)
  }
}

/// Why an account may not be charged.
enum Refusal: Hashable, Sendable {
  /// What is left is set aside for what is under way, and may become free.
  case reserved
  /// There is not so much left, whatever becomes of what is under way.
  case spent

  /// The worse of two.
  static func worse(_ one: Refusal?, _ other: Refusal?) -> Refusal? {
    one == .spent || other == .spent ? .spent : one ?? other
  }
}

extension Account {
  /// Whether a trial may begin: as long as anything is left of every bound. What a trial takes is known only afterwards, so a
  /// bound of CPU or GPU time is passed by less than one trial.
  func refusal(ofTrialWithin bound: Amount) -> Refusal? {
    var worst: Refusal?
    for resource in [\Amount.trials, \.cpuMilliseconds, \.gpuMilliseconds] where bound[keyPath: resource] > 0
    {
      let limit = bound[keyPath: resource]
      if settled[keyPath: resource] >= limit { return .spent }
      if committed[keyPath: resource] >= limit { worst = .reserved }
    }
    return worst
  }

  /// Whether a model request may be sent that takes at most `amount`: never beyond a bound.
  func refusal(of amount: Amount, within bound: Amount) -> Refusal? {
    var worst: Refusal?
    for resource in [\Amount.tokens, \.nanodollars] where bound[keyPath: resource] > 0 {
      let limit = bound[keyPath: resource]
      let asked = amount[keyPath: resource]
      if asked > limit - min(limit, settled[keyPath: resource]) { return .spent }
      if asked > limit - min(limit, committed[keyPath: resource]) { worst = .reserved }
    }
    return worst
  }

  /// Whether nothing is left of some bound.
  func isExhausted(_ bound: Amount) -> Bool {
    Amount.resources.contains { bound[keyPath: $0] > 0 && settled[keyPath: $0] >= bound[keyPath: $0] }
  }

  /// What is left of the bounds there are, in words.
  func left(of bound: Amount) -> String {
    let rest = bound - committed
    var parts: [String] = []
    if bound.trials > 0 { parts.append("\(rest.trials) of \(bound.trials) trials") }
    if bound.cpuMilliseconds > 0 {
      parts.append("\(rest.cpuMilliseconds / 1000) of \(bound.cpuMilliseconds / 1000) CPU seconds")
    }
    if bound.gpuMilliseconds > 0 {
      parts.append("\(rest.gpuMilliseconds / 1000) of \(bound.gpuMilliseconds / 1000) GPU seconds")
    }
    if bound.tokens > 0 { parts.append("\(rest.tokens) of \(bound.tokens) tokens") }
    if bound.nanodollars > 0 {
      parts.append("\(Quantity.dollars(rest.nanodollars)) of \(Quantity.dollars(bound.nanodollars)) dollars")
    }
    return parts.isEmpty ? "no bound" : parts.joined(separator: ", ")
  }
}
