import AssayIdentity

/// Who has a place at a server. A call that works has one of `maximumCalls`. One that only waits for something to happen gives it up,
/// counts against a limit of its own, and takes a place again before it goes on: in turn, and before calls that are new.
struct CallPlaces {
  private enum Standing { case working, waiting, returning }

  private struct Call {
    let caller: PublicIdentity
    var standing = Standing.working
  }

  private struct Caller {
    var allowance = CallerAllowance()
    /// Calls that wait, those included that are about to go on.
    var waiting = 0
    /// Calls that could go on if the caller had fewer that work.
    var returning = NumberQueue()
  }

  private let limits: RPCServer.Configuration
  private var calls: [UInt64: Call] = [:]
  private var callers: [PublicIdentity: Caller] = [:]
  /// Calls that go on once there is a place; some may have ended meanwhile.
  private var returning = NumberQueue()
  private var last: UInt64 = 0
  /// When the last one who was refused is to come back.
  private var turn = ContinuousClock.now

  /// Calls that have a place.
  private(set) var working = 0
  /// Calls that gave theirs up.
  private(set) var waiting = 0

  init(_ limits: RPCServer.Configuration) { self.limits = limits }

  /// Admits a new call.
  ///
  /// - Returns: its number.
  /// - Throws: RESOURCE_EXHAUSTED with OVERLOADED or CALLER_LIMIT.
  mutating func enter(_ caller: PublicIdentity, now: ContinuousClock.Instant) throws(RPCError) -> UInt64 {
    guard working < limits.maximumCalls else {
      let wait = now.duration(to: nextTurn(now))
      throw RPCError(
        .resourceExhausted, reason: "OVERLOADED",
        "the server has \(limits.maximumCalls) calls running; come back later",
        metadata: [RPCLimits.pushbackKey: "\(Int(wait.seconds * 1000))"])
    }
    if let wait = callers[caller, default: Caller()].allowance.admit(limits, now: now) {
      throw RPCError(
        .resourceExhausted, reason: "CALLER_LIMIT",
        "you have as many calls running, or made as many of late, as one caller may; come back later",
        metadata: [RPCLimits.pushbackKey: "\(max(1, Int(wait.seconds * 1000)))"])
    }
    last += 1
    calls[last] = Call(caller: caller)
    working += 1
    return last
  }

  /// When somebody is to come back: one after another, as many in 200 ms as there are places, so that those who are refused at once do not
  /// all return at once.
  private mutating func nextTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let (soonest, latest) = (now + .milliseconds(200), now + .seconds(10))
    turn = min(latest, max(soonest, turn + .milliseconds(200) / limits.maximumCalls))
    return turn
  }

  /// Gives a call's place up while it waits.
  ///
  /// - Returns: calls that have a place now; nil when the call had given its own up before, which then is nothing new.
  /// - Throws: RESOURCE_EXHAUSTED with TOO_MANY_WAITING; the call keeps its place then.
  mutating func wait(_ number: UInt64) throws(RPCError) -> [UInt64]? {
    guard let call = calls[number], call.standing == .working else { return nil }
    guard waiting < limits.maximumWaiting else {
      throw RPCError(
        .resourceExhausted, reason: "TOO_MANY_WAITING",
        "\(limits.maximumWaiting) calls wait here already; come back later, or ask without waiting (the service's --max-waiting is its limit)",
        metadata: [RPCLimits.pushbackKey: "1000"])
    }
    guard callers[call.caller, default: Caller()].waiting < limits.maximumWaitingPerCaller else {
      throw RPCError(
        .resourceExhausted, reason: "CALLER_LIMIT",
        "\(limits.maximumWaitingPerCaller) calls of yours wait here, as many as one caller may have; ask without waiting, or use several keys",
        metadata: [RPCLimits.pushbackKey: "1000"])
    }
    calls[number]?.standing = .waiting
    waiting += 1
    callers[call.caller]?.waiting += 1
    return free(call.caller)
  }

  /// Wants a place for a call that waited.
  ///
  /// - Returns: whether it has one; otherwise it is among those that get one later.
  mutating func goOn(_ number: UInt64) -> Bool {
    guard let call = calls[number], call.standing == .waiting else { return true }
    calls[number]?.standing = .returning
    returning.append(number)
    return fill().contains(number)
  }

  /// Ends a call, wherever it stands.
  ///
  /// - Returns: calls that have a place now.
  mutating func leave(_ number: UInt64) -> [UInt64] {
    guard let call = calls.removeValue(forKey: number) else { return [] }
    if call.standing == .working { return free(call.caller) }
    waiting -= 1
    callers[call.caller]?.waiting -= 1
    return []
  }

  /// Gives a place of the caller's to whoever wants one.
  private mutating func free(_ caller: PublicIdentity) -> [UInt64] {
    working -= 1
    callers[caller]?.allowance.running -= 1
    if let next = callers[caller]?.returning.popFirst() { returning.append(next) }
    return fill()
  }

  private mutating func fill() -> [UInt64] {
    var filled: [UInt64] = []
    while working < limits.maximumCalls, let number = returning.popFirst() {
      guard let caller = calls[number]?.caller else {
        continue
      }
      guard callers[caller, default: Caller()].allowance.running < limits.maximumCallsPerCaller else {
        callers[caller]?.returning.append(number)
        continue
      }
      calls[number]?.standing = .working
      working += 1
      waiting -= 1
      callers[caller]?.waiting -= 1
      callers[caller]?.allowance.running += 1
      filled.append(number)
    }
    return filled
  }
}
