import AssayGPU
import AssayVerdict
import Synchronization

/// What was seen of a job's GPUs while it ran.
final class GPUGauge: Sendable {
  private struct Total {
    var samples: UInt64 = 0
    var utilization: UInt64 = 0
    var rated: UInt64 = 0
    var peak: UInt64 = 0
    var errors = Rise()
    var rows = Rise()
    var slowdowns: [String: UInt64]?
  }

  /// A counter that was there before the job.
  private struct Rise {
    var first: UInt64?
    var last: UInt64?

    mutating func note(_ count: UInt64?) {
      guard let count else { return }
      first = first ?? count
      last = count
    }

    /// Drivers that are loaded anew count from nothing.
    var value: UInt64? { first.flatMap { first in last.map { $0 > first ? $0 - first : 0 } } }
  }

  private let totals = Mutex<[String: Total]>([:])

  func add(_ activity: GPUActivity, of uuid: String) {
    totals.withLock { totals in
      var total = totals[uuid] ?? Total()
      total.samples += 1
      total.peak = max(total.peak, activity.memoryBytes)
      if let utilization = activity.utilization {
        total.utilization += UInt64(utilization)
        total.rated += 1
      }
      if let slowdowns = activity.slowdowns {
        total.slowdowns = total.slowdowns ?? [:]
        for slowdown in slowdowns { total.slowdowns?[slowdown.rawValue, default: 0] += 1 }
      }
      totals[uuid] = total
    }
    note(activity, of: uuid)
  }

  /// Counters alone, before and after a job: what goes on then is not the job's.
  func note(_ activity: GPUActivity, of uuid: String) {
    totals.withLock { totals in
      totals[uuid, default: Total()].errors.note(activity.uncorrectedErrors)
      totals[uuid, default: Total()].rows.note(activity.remappedRows)
    }
  }

  /// Memory errors that ECC did not correct, since the first look.
  func uncorrectedErrors(of uuid: String) -> UInt64 { totals.withLock { $0[uuid]?.errors.value } ?? 0 }

  func statement(of device: GPUDevice) -> ProvenanceStatement.GPU {
    let total = totals.withLock { $0[device.uuid] } ?? Total()
    return .init(
      uuid: device.uuid, model: device.model, samples: total.samples,
      peakMemoryBytes: total.samples == 0 ? nil : total.peak,
      meanUtilization: total.rated == 0 ? nil : total.utilization / total.rated,
      uncorrectedErrors: total.errors.value, remappedRows: total.rows.value, slowdowns: total.slowdowns)
  }
}
