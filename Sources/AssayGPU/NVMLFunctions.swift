internal import CNVML
import Glibc

/// The functions of a loaded NVML.
struct NVMLFunctions {
  static let ok = Int32(NVML_OK)
  static let notFound = Int32(NVML_NOT_FOUND)
  static let tooSmall = Int32(NVML_INSUFFICIENT_SIZE)
  static let timeout = Int32(NVML_TIMEOUT)

  let start, stop: nvml_plain
  let error: nvml_error_text
  let driver: nvml_system_text
  let count: nvml_count
  let device: nvml_device_by_index
  let uuid, name: nvml_device_text
  let memory: nvml_device_memory
  let capability: nvml_device_capability
  let minor: nvml_device_number
  /// Of partitions; drivers before these have no function for them.
  let mode: nvml_device_mode?
  let partitions, gpuInstance, computeInstance: nvml_device_number?
  let partition: nvml_device_part?
  /// Of what runs on devices; without them less is known.
  let byUUID: nvml_device_by_uuid?
  let processes: nvml_device_processes?
  let utilization: nvml_device_utilization?
  let errors: nvml_device_errors?
  let rows: nvml_device_rows?
  let slowdowns, energy: nvml_device_bits?
  let clock, setClock, mostClock: nvml_device_clock?
  let temperature: nvml_device_temperature?
  /// Of how devices are connected.
  let ancestor: nvml_device_ancestor?
  let peer: nvml_device_peer?
  let link: nvml_device_link?
  let pci: nvml_device_pci?
  let linkPCI: nvml_device_link_pci?
  let cores: nvml_device_cores?
  /// Of what devices report by themselves.
  let whole: nvml_device_whole?
  let makeEvents: nvml_events_make?
  let freeEvents: nvml_events_free?
  let eventsOf: nvml_events_of?
  let register: nvml_events_register?
  let wait: nvml_events_wait?

  /// - Throws: `GPUFault`, `.driverTooOld`, naming the first function that is missing.
  init(_ handle: UnsafeMutableRawPointer, of library: String) throws(GPUFault) {
    func optional<Type>(_ name: String, _: Type.Type) -> Type? {
      dlsym(handle, name).map { unsafeBitCast($0, to: Type.self) }
    }
    func needed<Type>(_ name: String, _ type: Type.Type) throws(GPUFault) -> Type {
      if let found = optional(name, type) { return found }
      throw GPUFault(
        .driverTooOld, "\(library) has no function \(name)",
        remedy: "update NVIDIA's driver to one that its maker still supports")
    }
    start = try needed("nvmlInit_v2", nvml_plain.self)
    stop = try needed("nvmlShutdown", nvml_plain.self)
    error = try needed("nvmlErrorString", nvml_error_text.self)
    driver = try needed("nvmlSystemGetDriverVersion", nvml_system_text.self)
    count = try needed("nvmlDeviceGetCount_v2", nvml_count.self)
    device = try needed("nvmlDeviceGetHandleByIndex_v2", nvml_device_by_index.self)
    uuid = try needed("nvmlDeviceGetUUID", nvml_device_text.self)
    name = try needed("nvmlDeviceGetName", nvml_device_text.self)
    memory = try needed("nvmlDeviceGetMemoryInfo", nvml_device_memory.self)
    capability = try needed("nvmlDeviceGetCudaComputeCapability", nvml_device_capability.self)
    minor = try needed("nvmlDeviceGetMinorNumber", nvml_device_number.self)
    mode = optional("nvmlDeviceGetMigMode", nvml_device_mode.self)
    partitions = optional("nvmlDeviceGetMaxMigDeviceCount", nvml_device_number.self)
    partition = optional("nvmlDeviceGetMigDeviceHandleByIndex", nvml_device_part.self)
    gpuInstance = optional("nvmlDeviceGetGpuInstanceId", nvml_device_number.self)
    byUUID = optional("nvmlDeviceGetHandleByUUID", nvml_device_by_uuid.self)
    // The first form of this function has shorter entries.
    processes =
      optional("nvmlDeviceGetComputeRunningProcesses_v3", nvml_device_processes.self)
      ?? optional("nvmlDeviceGetComputeRunningProcesses_v2", nvml_device_processes.self)
    utilization = optional("nvmlDeviceGetUtilizationRates", nvml_device_utilization.self)
    errors = optional("nvmlDeviceGetTotalEccErrors", nvml_device_errors.self)
    rows = optional("nvmlDeviceGetRemappedRows", nvml_device_rows.self)
    slowdowns = optional("nvmlDeviceGetCurrentClocksThrottleReasons", nvml_device_bits.self)
    computeInstance = optional("nvmlDeviceGetComputeInstanceId", nvml_device_number.self)
    energy = optional("nvmlDeviceGetTotalEnergyConsumption", nvml_device_bits.self)
    clock = optional("nvmlDeviceGetClockInfo", nvml_device_clock.self)
    setClock = optional("nvmlDeviceGetApplicationsClock", nvml_device_clock.self)
    mostClock = optional("nvmlDeviceGetMaxClockInfo", nvml_device_clock.self)
    temperature = optional("nvmlDeviceGetTemperature", nvml_device_temperature.self)
    ancestor = optional("nvmlDeviceGetTopologyCommonAncestor", nvml_device_ancestor.self)
    peer = optional("nvmlDeviceGetP2PStatus", nvml_device_peer.self)
    link = optional("nvmlDeviceGetNvLinkState", nvml_device_link.self)
    pci = optional("nvmlDeviceGetPciInfo_v3", nvml_device_pci.self)
    linkPCI = optional("nvmlDeviceGetNvLinkRemotePciInfo_v2", nvml_device_link_pci.self)
    cores = optional("nvmlDeviceGetCpuAffinity", nvml_device_cores.self)
    whole = optional("nvmlDeviceGetDeviceHandleFromMigDeviceHandle", nvml_device_whole.self)
    makeEvents = optional("nvmlEventSetCreate", nvml_events_make.self)
    freeEvents = optional("nvmlEventSetFree", nvml_events_free.self)
    eventsOf = optional("nvmlDeviceGetSupportedEventTypes", nvml_events_of.self)
    register = optional("nvmlDeviceRegisterEvents", nvml_events_register.self)
    // The first form of this function has shorter events.
    wait = optional("nvmlEventSetWait_v2", nvml_events_wait.self)
  }

  /// What a status means, in the library's words.
  func text(of status: Int32) -> String {
    error(status).map { "\(String(cString: $0)) (status \(status))" } ?? "status \(status)"
  }

  /// A text that the library writes; nil when it does not.
  func read(_ fill: (UnsafeMutablePointer<CChar>, UInt32) -> Int32) -> String? {
    // UUIDs of partitions and names have at most 96 bytes.
    var buffer = [CChar](repeating: 0, count: 128)
    guard fill(&buffer, 96) == NVMLFunctions.ok else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
