import AssayRandom
import Testing

@testable import AssayEvaluator

@Suite struct AccountTests {
  private enum Fate { case settled, refunded, lost }

  /// Requests of any size, by several specialists, in any order of reserving, settling, refunding and dying.
  @Test(arguments: 0..<40) func modelRequestsNeverPassABound(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bound = Amount(tokens: 10_000, nanodollars: 5_000)
    var account = Account()
    var open: [Amount] = []
    var truth = Amount()
    for _ in 0..<400 {
      if generator.next() % 2 == 0 || open.isEmpty {
        let ask = Amount(tokens: generator.next() % 900, nanodollars: generator.next() % 400)
        if account.refusal(of: ask, within: bound) == nil {
          account.reserve(ask)
          open.append(ask)
        }
      } else {
        let ask = open.remove(at: Int(generator.next() % UInt64(open.count)))
        switch [Fate.settled, .refunded, .lost][Int(generator.next() % 3)] {
        case .settled:
          let used = Amount(
            tokens: ask.tokens == 0 ? 0 : generator.next() % (ask.tokens + 1), nanodollars: ask.nanodollars)
          account.settle(used, reserved: ask)
          truth = truth + used
        case .refunded: account.refund(ask)
        case .lost:
          account.settle(ask, reserved: ask)
          truth = truth + ask
        }
      }
      #expect(account.settled == truth)
      #expect(account.reserved == open.reduce(Amount(), +))
      #expect(account.committed.tokens <= bound.tokens && account.committed.nanodollars <= bound.nanodollars)
    }
  }

  /// What was settled does not depend on the order in which requests came to their end.
  @Test(arguments: 0..<20) func theOrderOfEndsDoesNotMatter(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let asked = (0..<12).map { _ in Amount(tokens: generator.next() % 100) }
    let used = asked.map { Amount(tokens: generator.next() % ($0.tokens + 1)) }
    func end(_ order: [Int]) -> Account {
      var account = Account()
      for ask in asked { account.reserve(ask) }
      for index in order {
        if index % 4 == 3 {
          account.refund(asked[index])
        } else {
          account.settle(used[index], reserved: asked[index])
        }
      }
      return account
    }
    let order = Array(asked.indices)
    #expect(end(order) == end(order.shuffled(using: &generator)))
    #expect(end(order).reserved == Amount())
  }

  @Test func aBoundOfTimeIsPassedByLessThanOneTrial() {
    let bound = Amount(trials: 3, cpuMilliseconds: 10_000)
    var account = Account()
    #expect(account.refusal(ofTrialWithin: bound) == nil)
    account.reserve(Amount(trials: 1, cpuMilliseconds: 9_999))
    #expect(account.refusal(ofTrialWithin: bound) == nil)
    account.reserve(Amount(trials: 1, cpuMilliseconds: 9_999))
    #expect(account.refusal(ofTrialWithin: bound) == .reserved)
    account.settle(
      Amount(trials: 1, cpuMilliseconds: 400), reserved: Amount(trials: 1, cpuMilliseconds: 9_999))
    account.settle(
      Amount(trials: 1, cpuMilliseconds: 9_600), reserved: Amount(trials: 1, cpuMilliseconds: 9_999))
    #expect(account.refusal(ofTrialWithin: bound) == .spent)
    #expect(account.isExhausted(bound))
  }

  @Test func hugeAmountsDoNotWrap() {
    var account = Account()
    let huge = Amount(tokens: .max, nanodollars: .max)
    account.reserve(huge)
    account.reserve(huge)
    #expect(account.committed.tokens == UInt64(Int64.max))
    #expect(account.refusal(of: Amount(tokens: 1), within: Amount(tokens: 100)) == .reserved)
    account.settle(huge, reserved: huge)
    #expect(account.refusal(of: Amount(tokens: .max), within: Amount(tokens: 100)) == .spent)
  }
}

@Suite struct StopRulesTests {
  private func progress(_ change: (inout StopRules.Progress) -> Void = { _ in }) -> StopRules.Progress {
    var progress = StopRules.Progress(beganAt: 1_000, improvedAt: 2_000)
    change(&progress)
    return progress
  }

  @Test func eachRuleStops() {
    var rules = StopRules()
    #expect(rules.reason(progress(), now: .max) == nil)
    #expect(rules.nextDue(progress()) == nil)
    rules.wall = 5_000
    #expect(rules.reason(progress(), now: 5_999) == nil)
    #expect(rules.reason(progress(), now: 6_000) == .deadline)
    #expect(rules.nextDue(progress()) == 6_000)
    rules.patience = 3_000
    #expect(rules.nextDue(progress()) == 5_000)
    #expect(rules.reason(progress(), now: 5_000) == .patience)
    #expect(rules.reason(progress { $0.isPaused = true }, now: .max) == nil, "the clock stands in a pause")
    rules = StopRules(patienceTrials: 4)
    #expect(rules.reason(progress { $0.trialsSinceImprovement = 3 }, now: 0) == nil)
    #expect(rules.reason(progress { $0.trialsSinceImprovement = 4 }, now: 0) == .patience)
    rules = StopRules(bound: Amount(tokens: 10))
    #expect(rules.reason(progress { $0.account.reserved.tokens = 10 }, now: 0) == nil)
    #expect(rules.reason(progress { $0.account.settled.tokens = 10 }, now: 0) == .budget)
    #expect(StopRules().reason(progress { $0.everybodyIsExhausted = true }, now: 0) == .budget)
  }

  @Test func aTargetHasADirectionAndNeedsAKeep() {
    var rules = StopRules(target: 2.5)
    #expect(rules.reason(progress(), now: 0) == nil)
    #expect(rules.reason(progress { $0.kept = 2.6 }, now: 0) == nil)
    #expect(rules.reason(progress { $0.kept = 2.5 }, now: 0) == .target)
    rules.minimize = false
    #expect(rules.reason(progress { $0.kept = 2.6 }, now: 0) == .target)
    #expect(rules.reason(progress { $0.kept = 2.4 }, now: 0) == nil)
  }

  @Test func timesBeyondAllReasonDoNotTrap() {
    let rules = StopRules(wall: .max, patience: .max)
    #expect(rules.reason(progress(), now: 9_000) == nil)
    #expect(rules.nextDue(progress()) == .max)
  }
}
