import Dispatch
import Foundation
import Glibc
import Synchronization

/// A running child process whose end can be awaited.
///
/// Unchecked because `Foundation.Process` is not Sendable: after `run()` it is only read (`processIdentifier`), and
/// signals are sent under the lock, never after the end was seen.
final class Child: @unchecked Sendable {
  private struct State {
    var status: Int32?
    var statusWaiters: [CheckedContinuation<Int32, Never>] = []
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

  /// Starts a program whose output goes to the end of a file, and whose standard input ends with this process.
  ///
  /// - Parameter environment: nil for this process's own.
  static func start(_ executable: URL, _ arguments: [String], environment: [String: String]? = nil, log: URL)
    throws(SupervisorError) -> Child
  {
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(
        atPath: log.path, contents: nil, attributes: [.posixPermissions: 0o600])
    }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    if let environment { process.environment = environment }
    let input = Pipe()
    process.standardInput = input
    do {
      let output = try FileHandle(forWritingTo: log)
      try output.seekToEnd()
      process.standardOutput = output
      process.standardError = output
      return try Child(process, input: input)
    } catch {
      throw SupervisorError(.unavailable, "cannot start \(executable.path): \(error.localizedDescription)")
    }
  }

  private func ended(with status: Int32) {
    let waiters = state.withLock { state in
      state.status = status
      defer { state.statusWaiters = [] }
      return state.statusWaiters
    }
    for waiter in waiters { waiter.resume(returning: status) }
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

  /// Asks the child to drain, and kills it when it is still there after the grace.
  func stop(grace: Duration) {
    signal(SIGTERM)
    // A timer of the system's: whoever stops a child is often being cancelled itself, and could not sleep.
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(grace.components.seconds))) {
      self.signal(SIGKILL)
    }
  }

  private func signal(_ number: Int32) {
    state.withLock { state in
      if state.status == nil { _ = Glibc.kill(process.processIdentifier, number) }
    }
  }
}
