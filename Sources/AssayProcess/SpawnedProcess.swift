import Foundation
import Synchronization

/// The process of a started program; signalled only as long as it has not been waited for, so that its number cannot belong to
/// somebody else.
final class SpawnedProcess: Sendable {
  /// Who gets a signal.
  enum Reach {
    case process
    /// The process and its descendants; those that are left when it ends are killed.
    case group
  }

  private struct State {
    var pid: pid_t?
    var signal: Int32?
  }

  private let reach: Reach
  private let state = Mutex(State())

  init(signalling reach: Reach) {
    self.reach = reach
  }

  /// Whether somebody sent it a signal, in time or not.
  var wasSignalled: Bool { state.withLock { $0.signal != nil } }

  /// A signal that came before the start is sent now.
  func started(_ pid: pid_t) {
    state.withLock {
      $0.pid = pid
      if let signal = $0.signal { send(signal, to: pid) }
    }
  }

  func signal(_ number: Int32) {
    state.withLock {
      $0.signal = number
      if let pid = $0.pid { send(number, to: pid) }
    }
  }

  private func send(_ number: Int32, to pid: pid_t) {
    _ = Glibc.kill(reach == .group ? -pid : pid, number)
  }

  /// Waits for its end and takes its status; called once.
  func wait() -> ProgramEnd {
    guard let pid = state.withLock({ $0.pid }) else { return .exited(-1) }
    var info = siginfo_t()
    var isThere = waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0
    while !isThere, errno == EINTR { isThere = waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0 }
    return state.withLock {
      $0.pid = nil
      // A parent that ignores SIGCHLD has no children to wait for; what is not known is no success.
      guard isThere else { return .exited(-1) }
      if reach == .group { send(SIGKILL, to: pid) }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7f
      return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
  }
}
