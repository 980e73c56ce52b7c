import AssayProcess
import AssaySandbox
import Foundation
import Glibc
import Synchronization

/// Slurm's programs, found where the operator's PATH has them.
enum SlurmTool {
  struct Ended: Sendable {
    var status: Int32
    /// The last lines of standard output and error.
    var output: String
  }

  /// Runs a program to its end. Cancelled, srun passes the signal on to its step, and ends with it.
  static func run(
    _ name: String, _ arguments: [String], onLine: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws(SandboxError) -> Ended {
    let outcome: ChildProcess.Outcome
    do {
      outcome = try await ChildProcess.run(
        ["/usr/bin/env", name] + arguments, environment: ProcessInfo.processInfo.environment,
        cancelledBy: SIGTERM, onLine: onLine)
    } catch let failure as ChildProcess.StartFailure {
      throw SandboxError(.infrastructure, "cannot start \(name): \(failure.text)")
    } catch {
      throw SandboxError(.infrastructure, "\(name) was cancelled")
    }
    guard outcome.status != 127 else {
      throw SandboxError(
        .isolationUnavailable,
        "\(name) is not on this host's PATH; install Slurm's client programs, or run without --launcher slurm"
      )
    }
    return Ended(status: outcome.status, output: outcome.tail.joined(separator: "\n"))
  }

  /// All lines that a program prints.
  ///
  /// - Throws: `SandboxError` when it fails.
  static func lines(_ name: String, _ arguments: [String]) async throws(SandboxError) -> [String] {
    let lines = Lines()
    let ended = try await run(name, arguments) { line in lines.all.withLock { $0.append(line) } }
    guard ended.status == 0 else {
      throw SandboxError(
        .infrastructure, "\(name) ended with status \(ended.status): \(ended.output.prefix(500))")
    }
    return lines.all.withLock { $0 }
  }

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }
}
