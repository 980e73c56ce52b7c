public import Foundation
import Synchronization

/// A program that is started, signalled and started again, by whoever tests it.
public final class StartedProgram: Sendable {
  private let executable: URL
  private let arguments: [String]
  private let log: URL
  private let child = Mutex<Child?>(nil)

  /// - Parameter log: gets its output.
  public init(executable: URL, arguments: [String], log: URL) {
    self.executable = executable
    self.arguments = arguments
    self.log = log
  }

  /// Starts it; its standard input ends when this process does.
  public func start() throws {
    let started = try Child.start(executable, arguments, log: log)
    child.withLock { $0 = started }
  }

  public func signal(_ number: Int32) {
    child.withLock { $0 }?.signal(number)
  }

  /// Waits for its end.
  public func ended() async {
    _ = await child.withLock { $0 }?.status()
    child.withLock { $0 = nil }
  }

  /// Asks it to end, and waits for that.
  public func stop() async {
    child.withLock { $0 }?.stop(grace: .seconds(20))
    await ended()
  }
}
