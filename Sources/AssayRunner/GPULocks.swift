import AssayGPU
import Foundation
import Glibc
import Synchronization

/// Locks on GPUs among the runners of one machine, each of which has a ledger of its own. The kernel lets go of those whose runner ended,
/// however it ended.
final class GPULocks: Sendable {
  private let folder: String
  /// Open files by job: they are the locks.
  private let files = Mutex<[String: [Int32]]>([:])

  init(_ folder: String) { self.folder = folder }

  deinit {
    files.withLock { files in
      for file in files.values.joined() { close(file) }
    }
  }

  /// Takes all of these GPUs for a job, or none.
  ///
  /// - Returns: those that another runner has. A folder that cannot be written to locks nothing.
  func take(_ devices: [GPUDevice], for job: String) -> [GPUDevice] {
    var taken: [Int32] = []
    var others: [GPUDevice] = []
    for device in devices {
      // Old drivers have slashes in the UUIDs of partitions.
      let path = "\(folder)/assay-\(device.uuid.replacing("/", with: "_")).lock"
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { continue }
      taken.append(file)
      if flock(file, LOCK_EX | LOCK_NB) != 0 { others.append(device) }
    }
    if others.isEmpty {
      files.withLock { $0[job, default: []] += taken }
    } else {
      for file in taken { close(file) }
    }
    return others
  }

  func giveBack(_ job: String) {
    for file in files.withLock({ $0.removeValue(forKey: job) ?? [] }) { close(file) }
  }
}
