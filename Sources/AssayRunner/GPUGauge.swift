import AssayGPU
import AssayVerdict
import Synchronization

/// What was seen and heard of a job's GPUs while it ran.
final class GPUGauge: Sendable {
  private struct Total {
    var samples: UInt64 = 0
    var utilization = Mean()
    var peak: UInt64 = 0
    var errors = Rise()
    var rows = Rise()
    var energy = Rise()
    var slowdowns: [String: UInt64]?
    var sm = Mean()
    var memory = Mean()
    /// As they were last told.
    var setClocks, mostClocks: GPUClocks?
    var temperature: UInt32?
    /// Looks at which the driver listed processes, and those of them at which one was not to be found on this host.
    var listed: UInt64 = 0
    var unknown: UInt64 = 0
    var xids: [String: UInt64] = [:]
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

  private struct Mean {
    var sum: UInt64 = 0
    var count: UInt64 = 0
    var most: UInt64 = 0

    mutating func add(_ value: UInt32?) {
      guard let value else { return }
      sum += UInt64(value)
      count += 1
      most = max(most, UInt64(value))
    }

    var value: UInt64? { count == 0 ? nil : sum / count }
  }

  /// More numbers of Xids than there are; a driver that makes them up fills no statement.
  private static let mostXids = 64

  private let listener: GPUListener?
  private let driver: String
  private let totals = Mutex<[String: Total]>([:])
  /// Processes that were seen to be the job's.
  private let own = Mutex<Set<UInt32>>([])

  /// - Parameters:
  ///   - listener: nil where nobody listens.
  ///   - driver: its version; empty where it is not known.
  init(_ listener: GPUListener? = nil, driver: String = "") {
    self.listener = listener
    self.driver = driver
  }

  func add(_ activity: GPUActivity, of uuid: String) {
    totals.withLock { totals in
      var total = totals[uuid] ?? Total()
      total.samples += 1
      total.peak = max(total.peak, activity.memoryBytes)
      total.utilization.add(activity.utilization)
      if let slowdowns = activity.slowdowns {
        total.slowdowns = total.slowdowns ?? [:]
        for slowdown in slowdowns { total.slowdowns?[slowdown.rawValue, default: 0] += 1 }
      }
      total.sm.add(activity.clocks?.sm)
      total.memory.add(activity.clocks?.memory)
      total.setClocks = activity.setClocks ?? total.setClocks
      total.mostClocks = activity.mostClocks ?? total.mostClocks
      if let temperature = activity.temperature {
        total.temperature = max(total.temperature ?? temperature, temperature)
      }
      if activity.processes != nil { total.listed += 1 }
      totals[uuid] = total
    }
    note(activity, of: uuid)
  }

  /// Counters alone, before and after a job: what goes on then is not the job's.
  func note(_ activity: GPUActivity, of uuid: String) {
    totals.withLock { totals in
      var total = totals[uuid] ?? Total()
      total.errors.note(activity.uncorrectedErrors)
      total.rows.note(activity.remappedRows)
      total.energy.note(activity.millijoules)
      totals[uuid] = total
    }
  }

  /// At a look there was a process that is not to be found on this host.
  func noteUnknown(on uuid: String) {
    totals.withLock { totals in
      // One look at most: the last ones, after the job, are of its leftovers.
      var total = totals[uuid] ?? Total()
      total.unknown = min(total.unknown + 1, total.listed)
      totals[uuid] = total
    }
  }

  func own(_ process: UInt32) { own.withLock { _ = $0.insert(process) } }
  func isOwn(_ process: UInt32) -> Bool { own.withLock { $0.contains(process) } }

  /// What the GPUs reported since the last call; blocks its thread.
  func listen() -> [GPUEvent] {
    let events = listener?.take() ?? []
    totals.withLock { totals in
      for event in events {
        guard case .xid(let xid) = event.kind else { continue }
        var xids = totals[event.uuid, default: Total()].xids
        if xids["\(xid.number)"] != nil || xids.count < Self.mostXids {
          xids["\(xid.number)", default: 0] += event.count
        }
        totals[event.uuid, default: Total()].xids = xids
      }
    }
    return events
  }

  /// Memory errors that ECC did not correct, since the first look.
  func uncorrectedErrors(of uuid: String) -> UInt64 { totals.withLock { $0[uuid]?.errors.value } ?? 0 }

  func statement(of device: GPUDevice) -> ProvenanceStatement.GPU {
    let total = totals.withLock { $0[device.uuid] } ?? Total()
    var gpu = ProvenanceStatement.GPU(
      uuid: device.uuid, model: device.model, samples: total.samples,
      peakMemoryBytes: total.samples == 0 ? nil : total.peak, meanUtilization: total.utilization.value,
      uncorrectedErrors: total.errors.value, remappedRows: total.rows.value, slowdowns: total.slowdowns)
    gpu.driver = driver.isEmpty ? nil : driver
    if let sm = total.sm.value, let memory = total.memory.value {
      gpu.clocks = .init(
        meanSM: sm, maxSM: total.sm.most, meanMemory: memory, maxMemory: total.memory.most,
        setSM: total.setClocks.map { UInt64($0.sm) }, setMemory: total.setClocks.map { UInt64($0.memory) },
        limitSM: total.mostClocks.map { UInt64($0.sm) },
        limitMemory: total.mostClocks.map { UInt64($0.memory) })
    }
    gpu.maxTemperature = total.temperature.map(UInt64.init)
    gpu.energyMillijoules = total.energy.value
    gpu.processLooks = total.listed
    gpu.unknownProcessLooks = total.listed == 0 ? nil : total.unknown
    let coverage = listener?.coverage ?? .none
    gpu.xids = coverage == .none ? nil : total.xids
    gpu.listened = coverage.rawValue
    return gpu
  }
}
