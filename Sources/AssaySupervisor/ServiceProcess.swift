import Foundation
import Logging
import Synchronization

/// One supervised child process: started, restarted with backoff when it dies, stopped with SIGTERM.
///
/// The child's standard input is a pipe that this process holds open: when this process dies, however it dies, the
/// child reads end-of-file and drains. Output goes to a log file.
public struct ServiceProcess: Sendable {
  public let name: String
  public let executable: URL
  public let arguments: [String]
  public let log: URL
  /// Exit statuses after which the child is done and is not started again.
  public let finalStatuses: Set<Int32>
  /// Variables of the operator's environment that the child gets besides those that locate programs and folders.
  public let inherits: Set<String>

  public init(
    name: String, executable: URL, arguments: [String], log: URL, finalStatuses: Set<Int32> = [],
    inherits: Set<String> = []
  ) {
    self.name = name
    self.executable = executable
    self.arguments = arguments
    self.log = log
    self.finalStatuses = finalStatuses
    self.inherits = inherits
  }

  /// How long a child may take to drain before it is killed.
  public static let grace: Duration = .seconds(20)

  /// Runs until cancelled, or until the child ends with a final status.
  ///
  /// - Throws: `SupervisorError` when the child cannot be started, or fails five times in a row within two seconds
  ///   of its start; the message carries the end of its log.
  public func run(logger: Logger) async throws {
    var quickFailures = 0
    while !Task.isCancelled {
      let started = ContinuousClock.now
      let child = try start()
      logger.debug("started \(name)", metadata: ["pid": "\(child.processIdentifier)"])
      let status = await Self.wait(for: child)
      if Task.isCancelled || finalStatuses.contains(status) { return }
      quickFailures = started.duration(to: .now) < .seconds(2) ? quickFailures + 1 : 0
      if quickFailures >= 5 {
        throw SupervisorError(
          .unavailable,
          "\(name) does not stay up (exit status \(status)). Its log, \(log.path), ends with:\n\(logTail())")
      }
      logger.warning("\(name) ended with status \(status), starting it again")
      try? await Task.sleep(for: .milliseconds(200 << quickFailures))
    }
  }

  private func start() throws -> Child {
    // Nothing of the operator's environment reaches a service but what locates programs and folders.
    let inherited = ProcessInfo.processInfo.environment
    let environment = inherited.filter {
      ["PATH", "HOME", "TMPDIR", "LANG", "SWIFT_BACKTRACE"].contains($0.key) || inherits.contains($0.key)
    }
    return try Child.start(executable, arguments, environment: environment, log: log)
  }

  /// Waits for the child's end; on cancellation asks it to drain, and kills it when it does not.
  private static func wait(for child: Child) async -> Int32 {
    await withTaskCancellationHandler {
      await child.status()
    } onCancel: {
      child.stop(grace: grace)
    }
  }

  private func logTail() -> String {
    guard let text = try? String(contentsOf: log, encoding: .utf8) else { return "(no log)" }
    return text.split(separator: "\n").suffix(8).map { "  \($0)" }.joined(separator: "\n")
  }
}
