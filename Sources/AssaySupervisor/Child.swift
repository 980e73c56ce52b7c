import AssayProcess
import Dispatch
import Foundation

/// A running child process whose end can be awaited.
final class Child: Sendable {
  private let program: RunningProgram

  var processIdentifier: Int32 { program.processIdentifier }

  private init(_ program: RunningProgram) {
    self.program = program
  }

  /// Starts a program whose output goes to the end of a file, and whose standard input ends with this process.
  ///
  /// - Parameter environment: nil for this process's own.
  static func start(_ executable: URL, _ arguments: [String], environment: [String: String]? = nil, log: URL)
    throws(SupervisorError) -> Child
  {
    let output = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else {
      let reason = String(cString: strerror(errno))
      throw SupervisorError(
        .unavailable, "cannot start \(executable.path), for its log, \(log.path), cannot be opened: \(reason)"
      )
    }
    defer { close(output) }
    do throws(ChildProcess.StartFailure) {
      return Child(
        try RunningProgram.start([executable.path] + arguments, environment: environment, output: output))
    } catch {
      throw SupervisorError(.unavailable, "cannot start \(executable.path): \(error.text)")
    }
  }

  /// The exit status, or the number of the signal that ended it.
  func status() async -> Int32 {
    switch await program.end() {
    case .exited(let status): status
    case .signalled(let number): number
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

  /// Sends a signal; nothing when it has ended.
  func signal(_ number: Int32) { program.signal(number) }
}
