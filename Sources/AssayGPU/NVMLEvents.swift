internal import CNVML

/// What devices report from when this was made on: the only owner of its queue.
final class NVMLEvents {
  private struct Source {
    var uuid: String
    /// Partitions report through their device.
    var device: nvml_device?
    var deviceUUID: String?
    var instance: GPUDevice.Instance?
  }

  /// Reports that are taken at once: more are a storm, of which the kinds and numbers are kept all the same.
  private static let most = 65_536

  private let nvml: NVML
  private let queue: nvml_events
  private var sources: [Source] = []
  private var isBroken = false

  /// - Returns: nil where the driver does not tell of all of these devices or partitions.
  init?(_ nvml: NVML, of uuids: [String]) {
    let functions = nvml.functions
    var queue: nvml_events?
    guard let make = functions.makeEvents, functions.freeEvents != nil, functions.wait != nil,
      make(&queue) == NVMLFunctions.ok, let queue
    else { return nil }
    self.nvml = nvml
    self.queue = queue
    for uuid in uuids {
      guard var source = Self.source(uuid, functions), Self.register(source, queue, functions) else {
        return nil
      }
      source.deviceUUID = name(of: source.device)
      sources.append(source)
    }
  }

  deinit { _ = nvml.functions.freeEvents?(queue) }

  private func name(of device: nvml_device?) -> String? {
    nvml.functions.read { nvml.functions.uuid(device, $0, $1) }
  }

  private static func source(_ uuid: String, _ functions: NVMLFunctions) -> Source? {
    var device: nvml_device?
    guard let find = functions.byUUID, find(uuid, &device) == NVMLFunctions.ok else { return nil }
    var source = Source(uuid: uuid, device: device, instance: nil)
    var whole: nvml_device?
    // Of whole devices there is none.
    guard let parent = functions.whole, parent(device, &whole) == NVMLFunctions.ok else { return source }
    var instance = GPUDevice.Instance(gpuInstance: 0, computeInstance: 0)
    guard let gpu = functions.gpuInstance, gpu(device, &instance.gpuInstance) == NVMLFunctions.ok,
      let compute = functions.computeInstance, compute(device, &instance.computeInstance) == NVMLFunctions.ok
    else { return nil }
    source.device = whole
    source.instance = instance
    return source
  }

  /// A device without ECC does not tell of its errors, but may of Xids.
  private static func register(_ source: Source, _ queue: nvml_events, _ functions: NVMLFunctions) -> Bool {
    var supported: UInt64 = 0
    guard let eventsOf = functions.eventsOf, let register = functions.register,
      eventsOf(source.device, &supported) == NVMLFunctions.ok
    else { return false }
    let wanted = supported & UInt64(NVML_EVENT_XID | NVML_EVENT_DOUBLE_BIT)
    return wanted & UInt64(NVML_EVENT_XID) != 0 && register(source.device, wanted, queue) == NVMLFunctions.ok
  }

  /// What was reported since the last call; nil when the driver does not go on telling.
  func take() -> [GPUEvent]? {
    guard let wait = nvml.functions.wait, !isBroken else { return nil }
    var counts: [GPUEvent: UInt64] = [:]
    for _ in 0..<Self.most {
      var event = nvml_event()
      let status = wait(queue, &event, 0)
      if status == NVMLFunctions.timeout { break }
      if status != NVMLFunctions.ok {
        // A device that is lost tells so last, after why.
        isBroken = true
        break
      }
      for found in events(of: event) { counts[found, default: 0] += 1 }
    }
    if isBroken, counts.isEmpty { return nil }
    return counts.map { event, count in
      var event = event
      event.count = count
      return event
    }
  }

  /// One for each device or partition that was listened for and that it concerns.
  private func events(of event: nvml_event) -> [GPUEvent] {
    let kind: GPUEvent.Kind
    if event.type & UInt64(NVML_EVENT_XID) != 0 {
      kind = .xid(GPUXid(event.data))
    } else if event.type & UInt64(NVML_EVENT_DOUBLE_BIT) != 0 {
      kind = .doubleBitError
    } else {
      return []
    }
    let isWhole = event.gpu_instance == NVML_NO_INSTANCE
    let reported = name(of: event.device)
    let known = sources.filter { $0.device == event.device || reported != nil && $0.deviceUUID == reported }
    // A device that is lost may not tell its name, but it is one of those that were listened for.
    return (known.isEmpty ? sources : known).compactMap { source in
      if let own = source.instance, !isWhole {
        guard own.gpuInstance == event.gpu_instance else { return nil }
        guard event.compute_instance == NVML_NO_INSTANCE || own.computeInstance == event.compute_instance
        else { return nil }
      }
      return GPUEvent(uuid: source.uuid, kind: kind, isWhole: isWhole)
    }
  }
}
