import Synchronization

/// Hosts that wait for a job, by what they offer. A job wakes as many of them as can take it, and nobody else.
final class WaitingOffers: Sendable {
  private struct State {
    var next: UInt64 = 0
    var waiters: [UInt64: (offer: RunnerOffer, continuation: CheckedContinuation<Bool, Never>)] = [:]
    var cancelled: Set<UInt64> = []
  }
  /// Is raised when there may be other jobs than before.
  private let jobs: Signal
  private let state = Mutex(State())

  init(_ jobs: Signal) { self.jobs = jobs }

  /// How many wait.
  var count: Int { state.withLock { $0.waiters.count } }

  /// Returns when there may be a job for this offer: when jobs were raised past `seen` before it could wait, or when `wake` chose it.
  /// Whoever was chosen has to ask for a job, cancelled or not, for nobody else was woken for it.
  ///
  /// - Throws: `CancellationError` when the task is cancelled before.
  func wait(_ offer: RunnerOffer, past seen: UInt64) async throws {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    let isChosen = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(id) != nil { return false }
          if jobs.generation > seen { return true }
          state.waiters[id] = (offer, continuation)
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        if let waiter = state.waiters.removeValue(forKey: id) { return waiter.continuation }
        state.cancelled.insert(id)
        return nil
      }
      waiter?.resume(returning: false)
    }
    _ = state.withLock { $0.cancelled.remove(id) }
    if !isChosen { throw CancellationError() }
  }

  /// Wakes those that jobs are there for, first come first served: one for each job, and all that could do where GPUs are asked for, since
  /// which of the hosts gets such a job is decided when they ask.
  func wake(for kinds: [(need: JobNeeds, jobs: Int)]) {
    guard !kinds.isEmpty else { return }
    let woken = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
      var woken: [CheckedContinuation<Bool, Never>] = []
      var waiting = state.waiters.keys.sorted()
      for kind in kinds where !waiting.isEmpty {
        var left = kind.need.gpus == nil ? kind.jobs : .max
        waiting.removeAll { id in
          guard left > 0, let waiter = state.waiters[id], kind.need.isMet(by: waiter.offer) else {
            return false
          }
          left -= 1
          state.waiters[id] = nil
          woken.append(waiter.continuation)
          return true
        }
      }
      return woken
    }
    for waiter in woken { waiter.resume(returning: true) }
  }
}
