import Glibc
import Synchronization

/// Processes that were killed, and that the kernel may not have let go of: one that hangs within a driver does not end.
final class LeavingProcesses: Sendable {
  private let pids = Mutex<[pid_t]>([])

  func add(_ pid: pid_t) {
    pids.withLock { $0.append(pid) }
    collect()
  }

  /// Takes leave of those that are gone; returns how many are not.
  @discardableResult
  func collect() -> Int {
    pids.withLock { pids in
      pids.removeAll { waitpid($0, nil, WNOHANG) != 0 }
      return pids.count
    }
  }
}
