import Dispatch
import Synchronization

/// Runs actions at their instants, unless they are cancelled before. Cancelling frees the action at once: a server under
/// load schedules thousands of deadlines a second, and hardly any of them comes.
package final class DeadlineQueue: Sendable {
  package struct Ticket: Hashable, Sendable {
    fileprivate let tick: Int64
    fileprivate let number: UInt64
  }

  private struct State {
    /// Actions by the tick at which they are due.
    var due: [Int64: [UInt64: @Sendable () -> Void]] = [:]
    var next: UInt64 = 0
    /// The tick that a wake-up is on its way for; nil without one.
    var wakeUp: Int64?
  }

  /// Deadlines are kept to within this, never early.
  private static let millisecondsPerTick: Int64 = 5
  private let start = ContinuousClock.now
  private let queue = DispatchQueue(label: "assay.rpc.deadlines")
  private let state = Mutex(State())

  package init() {}

  @discardableResult
  package func schedule(at instant: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void)
    -> Ticket
  {
    let tick = tick(of: instant) + 1
    let (ticket, isEarliest) = state.withLock { state -> (Ticket, Bool) in
      state.next += 1
      state.due[tick, default: [:]][state.next] = action
      let isEarliest = state.wakeUp.map { tick < $0 } ?? true
      if isEarliest { state.wakeUp = tick }
      return (Ticket(tick: tick, number: state.next), isEarliest)
    }
    if isEarliest { wakeUp(at: tick) }
    return ticket
  }

  package func cancel(_ ticket: Ticket) {
    state.withLock { state in
      state.due[ticket.tick]?[ticket.number] = nil
      if state.due[ticket.tick]?.isEmpty == true { state.due[ticket.tick] = nil }
    }
  }

  /// Actions that are waiting.
  var count: Int { state.withLock { $0.due.values.reduce(0) { $0 + $1.count } } }

  private func tick(of instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = start.duration(to: instant).components
    return (seconds * 1000 + attoseconds / 1_000_000_000_000_000) / Self.millisecondsPerTick
  }

  private func wakeUp(at tick: Int64) {
    let instant = start + .milliseconds(tick * Self.millisecondsPerTick)
    let delay = max(0, ContinuousClock.now.duration(to: instant).seconds)
    queue.asyncAfter(deadline: .now() + delay) { [weak self] in self?.run(wokenFor: tick) }
  }

  private func run(wokenFor tick: Int64) {
    let now = self.tick(of: .now)
    let (actions, next) = state.withLock { state -> ([@Sendable () -> Void], Int64?) in
      // A wake-up that an earlier one has overtaken has nothing left to do.
      guard state.wakeUp == tick else { return ([], nil) }
      var actions: [@Sendable () -> Void] = []
      for key in state.due.keys.filter({ $0 <= now }).sorted() {
        actions += state.due.removeValue(forKey: key)?.values.map { $0 } ?? []
      }
      state.wakeUp = state.due.keys.min()
      return (actions, state.wakeUp)
    }
    for action in actions { action() }
    if let next { wakeUp(at: next) }
  }
}
