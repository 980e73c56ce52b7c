import Foundation
import Glibc
import Synchronization

/// A running child process whose end and whose stop request can be awaited.
///
/// Unchecked because `Foundation.Process` is not Sendable: after `run()` it is only read (`processIdentifier`), and
/// signals are sent under the lock, never after the end was seen.
final class Child: @unchecked Sendable {
  private struct State {
    var status: Int32?
    var stopping = false
    var statusWaiters: [CheckedContinuation<Int32, Never>] = []
    var stopWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let process: Process
  private let input: Pipe
  private let state = Mutex(State())

  var processIdentifier: Int32 { process.processIdentifier }

  init(_ process: Process, input: Pipe) throws {
    self.process = process
    self.input = input
    process.terminationHandler = { [weak self] ended in self?.ended(with: ended.terminationStatus) }
    try process.run()
  }

  private func ended(with status: Int32) {
    let (statusWaiters, stopWaiters) = state.withLock { state in
      state.status = status
      defer { (state.statusWaiters, state.stopWaiters) = ([], []) }
      return (state.statusWaiters, state.stopWaiters)
    }
    for waiter in statusWaiters { waiter.resume(returning: status) }
    for waiter in stopWaiters { waiter.resume() }
  }

  /// The exit status, or the number of the signal that ended it.
  func status() async -> Int32 {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Int32? in
        if state.status == nil { state.statusWaiters.append(continuation) }
        return state.status
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  /// Returns when the child was asked to stop, or has ended.
  func stopRequested() async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool in
        if state.stopping || state.status != nil { return true }
        state.stopWaiters.append(continuation)
        return false
      }
      if now { continuation.resume() }
    }
  }

  func terminate() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.stopping = true
      if state.status == nil { Glibc.kill(process.processIdentifier, SIGTERM) }
      defer { state.stopWaiters = [] }
      return state.stopWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func kill() {
    state.withLock { state in
      if state.status == nil { _ = Glibc.kill(process.processIdentifier, SIGKILL) }
    }
  }

  func releaseStopWaiter() {
    let waiters = state.withLock { state in
      defer { state.stopWaiters = [] }
      return state.stopWaiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
