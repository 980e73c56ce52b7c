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
      totals[uuid] = total
    }
  }

  func statement(of device: GPUDevice) -> ProvenanceStatement.GPU {
    let total = totals.withLock { $0[device.uuid] } ?? Total()
    return .init(
      uuid: device.uuid, model: device.model, samples: total.samples,
      peakMemoryBytes: total.samples == 0 ? nil : total.peak,
      meanUtilization: total.rated == 0 ? nil : total.utilization / total.rated)
  }
}
