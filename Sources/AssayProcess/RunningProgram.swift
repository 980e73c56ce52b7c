import Foundation
import Synchronization

/// A program that runs beside this process. Its standard input is a pipe that ends with this process, however that ends, and with
/// the last reference to this object.
public final class RunningProgram: Sendable {
  private struct State {
    var end: ProgramEnd?
    var waiters: [CheckedContinuation<ProgramEnd, Never>] = []
  }

  /// What the thread that waits shares with this object, and does not keep it alive by.
  private final class Outcome: Sendable {
    let state = Mutex(State())
  }

  public let processIdentifier: Int32
  private let process: SpawnedProcess
  private let input: Int32
  private let outcome = Outcome()

  private init(_ process: SpawnedProcess, _ pid: pid_t, input: Int32) {
    (self.process, processIdentifier, self.input) = (process, pid, input)
    Thread.detachNewThread { [outcome] in
      let end = process.wait()
      let waiters = outcome.state.withLock { state in
        state.end = end
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume(returning: end) }
    }
  }

  deinit { close(input) }

  /// - Parameters:
  ///   - arguments: the program's absolute path, then its arguments.
  ///   - environment: nil for this process's own.
  ///   - output: an open file for its output and errors; the caller closes it.
  public static func start(_ arguments: [String], environment: [String: String]?, output: Int32)
    throws(ChildProcess.StartFailure) -> RunningProgram
  {
    let pipe = try Launch.pipe()
    defer { close(pipe.reading) }
    let launch = Launch(
      arguments: arguments, environment: environment ?? ProcessInfo.processInfo.environment,
      input: pipe.reading, output: output, error: output)
    do throws(ChildProcess.StartFailure) {
      let pid = try launch.start()
      let process = SpawnedProcess(signalling: .process)
      process.started(pid)
      return RunningProgram(process, pid, input: pipe.writing)
    } catch {
      close(pipe.writing)
      throw error
    }
  }

  /// Sends a signal to the program alone; nothing when it has ended.
  public func signal(_ number: Int32) { process.signal(number) }

  /// Waits for its end; any number may.
  public func end() async -> ProgramEnd {
    await withCheckedContinuation { continuation in
      let known = outcome.state.withLock { state -> ProgramEnd? in
        if state.end == nil { state.waiters.append(continuation) }
        return state.end
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
