import AssayGPU
import AssayMessages
import AssaySandbox
import Foundation
import Synchronization

/// The GPUs of this host, and which job has which.
final class HostGPUs: Sendable {
  /// How long a job waits for GPUs that another one is about to leave.
  private static let patience = Duration.seconds(30)
  /// How long processes of a job that was killed may take to leave its GPUs.
  private let farewell: Duration

  let places: GPUPlaces
  private let driver: GPUDriver
  private let ledger = Mutex(GPULedger())
  /// Nil where no other runner can have them.
  private let locks: GPULocks?
  private let start = ContinuousClock.now
  /// Version of the driver, and the folder of its libraries, as they were last told.
  private let told = Mutex((version: "", folder: String?.none))

  init(_ places: GPUPlaces, farewell: Duration = .seconds(5)) {
    self.places = places
    driver = GPUDriver(library: places.library, probe: places.probe, patience: places.patience)
    locks = places.locks.map(GPULocks.init)
    self.farewell = farewell
  }

  private var now: Int64 {
    let (seconds, attoseconds) = start.duration(to: .now).components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  var folder: String? { told.withLock(\.folder) }

  /// Looks at the host; returns what it offers.
  func look() async -> [RunnerV1.GPU] {
    await onThread { self.see() }
    return ledger.withLock { $0.entries.map(Self.wire) }
  }

  /// What the driver of this host says, as it is.
  func inventory() async -> GPUInventory {
    await onThread { self.driver.inventory() }
  }

  /// Runs `body` with GPUs that nobody else has.
  ///
  /// - Parameter cores: of the job; of equal GPUs it gets those near to them.
  /// - Throws: `RunnerError`, `.gpusTaken`, where they are not to be had now; what `body` throws.
  func with<Value>(
    _ need: GPUNeed, for job: String, near cores: [Int] = [], _ body: ([GPUDevice]) async throws -> Value
  ) async throws -> Value {
    let devices = try await lease(need, job, cores)
    do {
      let value = try await body(devices)
      await giveBack(job)
      return value
    } catch {
      await giveBack(job)
      throw error
    }
  }

  /// Begins to measure a job on these GPUs: what their counters say before it is not the job's, what they report from now on is.
  func gauge(_ devices: [GPUDevice]) async -> GPUGauge {
    let listener = await onThread { self.driver.listen(to: devices.map(\.uuid)) }
    let gauge = GPUGauge(listener, driver: told.withLock(\.version))
    for (uuid, seen) in await onThread({ self.activity(of: devices) }) { gauge.note(seen, of: uuid) }
    return gauge
  }

  /// Looks at GPUs of a job while it runs, until cancelled.
  ///
  /// - Throws: `RunnerError`, `.gpus`, when somebody else's process is on one of them, or one reported that it failed.
  func watch(_ devices: [GPUDevice], every interval: Duration, _ gauge: GPUGauge) async throws {
    while true {
      let (activity, events) = await onThread { (self.activity(of: devices), gauge.listen()) }
      for device in devices {
        guard let seen = activity[device.uuid] else { continue }
        gauge.add(seen, of: device.uuid)
        try refuse(seen.processes ?? [], on: device, gauge)
      }
      try refuse(events, of: devices)
      try await Task.sleep(for: interval)
    }
  }

  /// Takes GPUs out of service that reported what needs a reset, whoever caused it: the next job there is another recipe's.
  ///
  /// - Throws: `RunnerError`, `.gpus`, when one of these events is no program's doing.
  private func refuse(_ events: [GPUEvent], of devices: [GPUDevice]) throws(RunnerError) {
    let serious = events.filter { $0.isOurs || $0.needsReset }
    for event in serious {
      guard let device = devices.first(where: { $0.uuid == event.uuid }) else { continue }
      let reason = "it reported \(event.text); \(event.remedy)"
      ledger.withLock { ledger in
        // What is wrong with a device is wrong with all its partitions.
        let concerned = ledger.entries.map(\.device).filter {
          $0.uuid == device.uuid || event.isWhole && $0.node == device.node
        }
        ledger.withdraw(concerned.map(\.uuid), because: reason, untilReset: event.needsReset, now: now)
      }
    }
    // What a program does is its own affair, also beside what the device did.
    guard let event = serious.first(where: \.isOurs) else { return }
    throw RunnerError(.gpus, "GPU \(event.uuid) reported \(event.text) while a job ran; \(event.remedy)")
  }

  /// - Throws: `RunnerError`, `.gpus`, when one of these processes is somebody else's.
  private func refuse(_ processes: [UInt32], on device: GPUDevice, _ gauge: GPUGauge) throws(RunnerError) {
    var isUnknown = false
    var stranger: UInt32?
    // What was the job's stays the job's: one that hangs within the driver outlives its parents.
    for process in processes where !gauge.isOwn(process) {
      switch Self.owner(of: process) {
      case .runner: gauge.own(process)
      case .somebody: stranger = process
      case .unknown: isUnknown = true
      }
    }
    if isUnknown { gauge.noteUnknown(on: device.uuid) }
    guard let stranger else { return }
    let reason = "process \(stranger), which is no job's, uses GPU \(device.uuid)"
    ledger.withLock { $0.withdraw([device.uuid], because: reason, now: now) }
    throw RunnerError(.gpus, "\(reason) while a job runs there; end it, or keep that GPU from this runner")
  }

  /// Looks at GPUs once more after a job, whether they are still there, still its own and sound: what it did without them, or with
  /// memory that lied, is not the recipe's doing.
  ///
  /// - Throws: `RunnerError`, `.gpus`.
  func confirm(_ devices: [GPUDevice], _ gauge: GPUGauge = GPUGauge()) async throws(RunnerError) {
    let (activity, events) = await onThread { (self.activity(of: devices), gauge.listen()) }
    try refuse(events, of: devices)
    for (uuid, seen) in activity {
      gauge.note(seen, of: uuid)
      let errors = gauge.uncorrectedErrors(of: uuid)
      guard errors > 0 else { continue }
      let reason = "GPU \(uuid) had \(errors) memory errors while a job ran that ECC did not correct"
      ledger.withLock { $0.withdraw([uuid], because: reason, now: now) }
      throw RunnerError(
        .gpus, "\(reason); nvidia-smi -q -d ECC,ROW_REMAPPER says more, and the device may need a reset")
    }
    let inventory = await inventory()
    for device in devices { try refuse(inventory.processes[device.uuid] ?? [], on: device, gauge) }
    for device in devices where !inventory.devices.contains(where: { $0.uuid == device.uuid }) {
      let reason = "GPU \(device.uuid) was lost while a job ran"
      ledger.withLock { $0.withdraw([device.uuid], because: reason, now: now) }
      throw RunnerError(
        .gpus, "\(reason) (\(inventory.faults.map(\.message).joined(separator: "; "))); look for Xid in dmesg"
      )
    }
  }

  private func lease(_ need: GPUNeed, _ job: String, _ cores: [Int]) async throws -> [GPUDevice] {
    let deadline = ContinuousClock.now + Self.patience
    while true {
      // While other jobs have what is needed there is nothing to look for.
      if case .short = ledger.withLock({ $0.answer(to: need, of: job) }) {
        guard ContinuousClock.now < deadline else {
          throw RunnerError(.gpusTaken, "\(need.count) GPUs of this host are not free yet")
        }
        try await Task.sleep(for: .milliseconds(250))
        continue
      }
      // Whoever came since the host was offered is seen before anything is given.
      await onThread { self.see() }
      switch ledger.withLock({ $0.lease(need, to: job, near: cores) }) {
      case .leased(let devices):
        let others = locks?.take(devices, for: job) ?? []
        if others.isEmpty { return devices }
        ledger.withLock { ledger in
          ledger.withdraw(others.map(\.uuid), because: "another runner of this machine has it", now: now)
          ledger.giveBack(job)
        }
      case .short: continue
      case .lacking:
        let reasons = ledger.withLock { ledger in
          ledger.entries.compactMap { entry in entry.reason.map { "\(entry.device.uuid): \($0)" } }
        }
        throw RunnerError(
          .gpusTaken,
          "this host lacks \(need.count) GPUs that the job could use (\(reasons.joined(separator: "; ")))")
      }
    }
  }

  /// What a job left on its GPUs has to go first: the next one's time would be measured beside it.
  private func giveBack(_ job: String) async {
    await onThread {
      let devices = self.ledger.withLock { $0.devices(of: job) }
      let deadline = ContinuousClock.now + self.farewell
      var left: [String: UInt32] = [:]
      repeat {
        let activity = self.activity(of: devices)
        left = activity.compactMapValues { $0.processes?.first }
        if left.isEmpty { break }
        Thread.sleep(forTimeInterval: 0.1)
      } while ContinuousClock.now < deadline
      self.ledger.withLock { ledger in
        for (uuid, process) in left {
          ledger.withdraw([uuid], because: "process \(process) is still there after a job", now: self.now)
        }
        ledger.giveBack(job)
      }
      self.locks?.giveBack(job)
    }
  }

  private func see() {
    let before = ledger.withLock { Set($0.entries.filter { $0.job != nil }.map(\.device.uuid)) }
    var inventory = driver.inventory()
    if let only = places.only { inventory.devices.removeAll { !only.contains($0.uuid) } }
    if !inventory.driver.isEmpty { told.withLock { $0 = (inventory.driver, inventory.folder) } }
    ledger.withLock { ledger in
      // A process on a GPU that a job has, or had when we began to look, is that job's, and watched beside it.
      let held = before.union(ledger.entries.filter { $0.job != nil }.map(\.device.uuid))
      var faults: [String: String] = [:]
      for (uuid, processes) in inventory.processes where !held.contains(uuid) {
        if let process = processes.first { faults[uuid] = "process \(process), which is no job's, uses it" }
      }
      ledger.see(
        inventory.devices, faults: faults, absence: inventory.faults.first?.message,
        isBlind: inventory.driver.isEmpty, topology: inventory.topology, now: now)
    }
  }

  private func activity(of devices: [GPUDevice]) -> [String: GPUActivity] {
    driver.activity(of: devices.map(\.uuid))
  }

  /// Whose a process is.
  enum Owner { case runner, somebody, unknown }

  /// Whose a process is: this runner's when it started it, or what started it, or when it is in a group of a job's, also after its parents
  /// are gone. One of another process namespace cannot be told: beside a
  /// job nobody is accused without evidence.
  static func owner(of process: UInt32) -> Owner {
    let own = UInt32(getpid())
    var current = process
    // However deep a recipe nests its processes; the bound is for a table that changes while it is read.
    for _ in 0..<1_000_000 {
      if current == own { return .runner }
      guard let parent = parent(of: current) else { return .unknown }
      if parent == 0 { return SandboxHost.isOfCommand(process) ? .runner : .somebody }
      current = parent
    }
    return .unknown
  }

  /// Nil for a process that is not there; 0 for the first of all.
  private static func parent(of process: UInt32) -> UInt32? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
    return line.flatMap { UInt32($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) }
  }

  private static func wire(_ entry: GPULedger.Entry) -> RunnerV1.GPU {
    var gpu = RunnerV1.GPU()
    gpu.uuid = entry.device.uuid
    gpu.model = entry.device.model
    gpu.memoryBytes = entry.device.memoryBytes
    gpu.computeCapability = entry.device.computeCapability
    gpu.partition = entry.device.instance != nil
    gpu.outOfService = entry.reason ?? ""
    return gpu
  }

  /// Drivers may take seconds to answer: the threads that everything else runs on do not wait for them.
  private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}
