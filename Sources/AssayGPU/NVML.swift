internal import CNVML
import Glibc

/// NVIDIA's management library, loaded while this lives: the only owner of its handle.
public final class NVML {
  public static let libraryName = "libnvidia-ml.so.1"

  private let handle: UnsafeMutableRawPointer
  let functions: NVMLFunctions

  /// Loads the library and starts it.
  ///
  /// - Throws: `GPUFault`: `.driverAbsent`, `.driverTooOld` or `.driverFailed`.
  public init(library: String = NVML.libraryName) throws(GPUFault) {
    guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else { throw Self.absent(library) }
    do throws(GPUFault) {
      functions = try NVMLFunctions(handle, of: library)
      let status = functions.start()
      guard status == NVMLFunctions.ok else {
        throw GPUFault(
          .driverFailed, "\(library) does not start: \(functions.text(of: status))",
          remedy:
            "nvidia-smi says more; after an update of the driver its kernel module has to be loaded again")
      }
    } catch {
      dlclose(handle)
      throw error
    }
    self.handle = handle
  }

  /// Nil where the library is there. It is not started.
  static func absence(of library: String) -> GPUFault? {
    guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else { return absent(library) }
    dlclose(handle)
    return nil
  }

  private static func absent(_ library: String) -> GPUFault {
    GPUFault(
      .driverAbsent, "no \(library)",
      remedy: "install NVIDIA's driver; in a container, run with the NVIDIA runtime")
  }

  deinit {
    _ = functions.stop()
    dlclose(handle)
  }

  /// The folder that the library was found in; nil where the loader does not tell.
  var folder: String? {
    guard let function = dlsym(handle, "nvmlInit_v2"),
      let path = nvml_place(function).map({ String(cString: $0) }), path.hasPrefix("/"),
      let name = path.lastIndex(of: "/")
    else { return nil }
    return String(path[..<name])
  }

  /// "?" where the driver does not tell.
  var driverVersion: String { functions.read { functions.driver($0, $1) } ?? "?" }

  /// Physical devices.
  func count() throws(GPUFault) -> UInt32 {
    var count: UInt32 = 0
    let status = functions.count(&count)
    guard status == NVMLFunctions.ok else {
      throw GPUFault(
        .driverFailed, "the driver does not count its devices: \(functions.text(of: status))",
        remedy: "nvidia-smi says more")
    }
    // No host has more; a library that says so is not asked for each.
    return min(count, 64)
  }

  /// What jobs can be given of one physical device: itself, or its partitions.
  ///
  /// - Throws: `GPUFault`, `.deviceUnreadable`.
  func devices(at index: UInt32) throws(GPUFault) -> [GPUDevice] {
    var device: nvml_device?
    try check(functions.device(index, &device), index, "open")
    let whole = try read(device, index)
    guard let mode = functions.mode else { return [whole] }
    var current: UInt32 = 0
    var pending: UInt32 = 0
    // Devices that cannot be partitioned say that it is not supported.
    guard mode(device, &current, &pending) == NVMLFunctions.ok, current == 1 else { return [whole] }
    return try partitions(of: whole, device, index)
  }

  /// - Parameter uuid: of a device or a partition.
  /// - Returns: nil when it does not answer.
  public func activity(of uuid: String) -> GPUActivity? {
    var device: nvml_device?
    var memory = nvml_memory()
    guard let find = functions.byUUID, find(uuid, &device) == NVMLFunctions.ok,
      functions.memory(device, &memory) == NVMLFunctions.ok
    else { return nil }
    var activity = GPUActivity(processes: nil, memoryBytes: memory.used, utilization: nil)
    if let list = functions.processes {
      var entries = [nvml_process](repeating: nvml_process(), count: 256)
      var count = UInt32(entries.count)
      let status = list(device, &count, &entries)
      // More than fit: those that fit are enough to know that somebody is there.
      if status == NVMLFunctions.ok || status == NVMLFunctions.tooSmall {
        activity.processes = entries.prefix(Int(min(count, 256))).map(\.pid)
      }
    }
    if let rates = functions.utilization {
      var rate = nvml_utilization()
      if rates(device, &rate) == NVMLFunctions.ok { activity.utilization = min(rate.gpu, 100) }
    }
    readHealth(of: device, into: &activity)
    return activity
  }

  private func readHealth(of device: nvml_device?, into activity: inout GPUActivity) {
    var count: UInt64 = 0
    let kind = UInt32(NVML_UNCORRECTED)
    if let errors = functions.errors,
      errors(device, kind, UInt32(NVML_SINCE_LOADED), &count) == NVMLFunctions.ok
    {
      activity.uncorrectedErrors = count
    }
    var (corrected, uncorrected, pending, failed): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    if let rows = functions.rows,
      rows(device, &corrected, &uncorrected, &pending, &failed) == NVMLFunctions.ok
    {
      activity.remappedRows = UInt64(corrected) + UInt64(uncorrected)
    }
    var bits: UInt64 = 0
    if let slowdowns = functions.slowdowns, slowdowns(device, &bits) == NVMLFunctions.ok {
      activity.slowdowns = Set(GPUSlowdown.allCases.filter { bits & $0.bit != 0 })
    }
    activity.clocks = clocks(of: device, functions.clock)
    activity.setClocks = clocks(of: device, functions.setClock)
    activity.mostClocks = clocks(of: device, functions.mostClock)
    var celsius: UInt32 = 0
    if let temperature = functions.temperature,
      temperature(device, UInt32(NVML_TEMPERATURE_OF_GPU), &celsius) == NVMLFunctions.ok
    {
      activity.temperature = celsius
    }
    var millijoules: UInt64 = 0
    if let energy = functions.energy, energy(device, &millijoules) == NVMLFunctions.ok {
      activity.millijoules = millijoules
    }
  }

  private func clocks(of device: nvml_device?, _ read: nvml_device_clock?) -> GPUClocks? {
    var clocks = GPUClocks(sm: 0, memory: 0)
    guard let read, read(device, UInt32(NVML_CLOCK_SM), &clocks.sm) == NVMLFunctions.ok,
      read(device, UInt32(NVML_CLOCK_MEMORY), &clocks.memory) == NVMLFunctions.ok
    else { return nil }
    return clocks
  }

  private func partitions(of whole: GPUDevice, _ device: nvml_device?, _ index: UInt32) throws(GPUFault)
    -> [GPUDevice]
  {
    guard let most = functions.partitions, let part = functions.partition, let gpu = functions.gpuInstance,
      let compute = functions.computeInstance
    else {
      throw GPUFault(
        .driverTooOld, "GPU \(index) is partitioned (MIG), and this driver does not tell its partitions",
        remedy: "update the driver, or switch MIG off: nvidia-smi -i \(index) -mig 0")
    }
    var count: UInt32 = 0
    try check(most(device, &count), index, "tell its partitions")
    var found: [GPUDevice] = []
    for number in 0..<min(count, 64) {
      var instance: nvml_device?
      let status = part(device, number, &instance)
      // Places without a partition.
      if status == NVMLFunctions.notFound { continue }
      try check(status, index, "open its partition \(number)")
      var own = try read(instance, index, node: whole.node, capability: (whole.major, whole.minor))
      var ids = GPUDevice.Instance(gpuInstance: 0, computeInstance: 0)
      try check(gpu(instance, &ids.gpuInstance), index, "number its partition \(number)")
      try check(compute(instance, &ids.computeInstance), index, "number its partition \(number)")
      own.instance = ids
      found.append(own)
    }
    return found
  }

  private func read(
    _ device: nvml_device?, _ index: UInt32, node: UInt32? = nil, capability: (Int32, Int32)? = nil
  ) throws(GPUFault) -> GPUDevice {
    var memory = nvml_memory()
    try check(functions.memory(device, &memory), index, "tell its memory")
    var (major, minor) = capability ?? (0, 0)
    if capability == nil {
      try check(functions.capability(device, &major, &minor), index, "tell its compute capability")
    }
    var number = node ?? 0
    if node == nil { try check(functions.minor(device, &number), index, "tell its device node") }
    guard let uuid = functions.read({ functions.uuid(device, $0, $1) }), !uuid.isEmpty else {
      throw unreadable(index, "tell its UUID", "no answer")
    }
    return GPUDevice(
      uuid: uuid, model: functions.read { functions.name(device, $0, $1) } ?? "?", memoryBytes: memory.total,
      major: major, minor: minor, node: number, instance: nil)
  }

  private func check(_ status: Int32, _ index: UInt32, _ what: String) throws(GPUFault) {
    guard status != NVMLFunctions.ok else { return }
    throw unreadable(index, what, functions.text(of: status))
  }

  private func unreadable(_ index: UInt32, _ what: String, _ why: String) -> GPUFault {
    GPUFault(
      .deviceUnreadable, "GPU \(index) does not \(what): \(why)",
      remedy: "look for Xid in the kernel's log (dmesg); a device that is lost needs a reset or a reboot")
  }
}
