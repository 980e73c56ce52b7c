/// Who has which GPU of a host: a value that is told what is seen and what is asked for, and says what is given.
///
/// A GPU is free, leased to one job, or out of service. It goes out of service as soon as something is wrong with it, and comes back when
/// nothing was wrong for ``calm``: a device that comes and goes is given to nobody. A lease outlasts what happens to its device.
public struct GPULedger: Sendable {
  /// One GPU, as it stands.
  public struct Entry: Sendable, Hashable {
    public let device: GPUDevice
    /// The job that has it.
    public fileprivate(set) var job: String?
    /// Why it is given to nobody; nil for one in service.
    public fileprivate(set) var reason: String?
    /// When something was last wrong with it.
    fileprivate var troubled: Int64 = 0
    /// Since when it is not there; nil for one that is.
    fileprivate var gone: Int64?
    /// Whether it is out of service until it was reset.
    fileprivate var isHeld = false
    /// Whether the driver was there and it was not, as when it is reset.
    fileprivate var wasMissed = false

    fileprivate init(_ device: GPUDevice) { self.device = device }
  }

  /// What became of a request.
  public enum Answer: Sendable, Hashable {
    case leased([GPUDevice])
    /// Too few are free now.
    case short
    /// Too few are in service, whoever has them.
    case lacking
  }

  /// Milliseconds without trouble until a GPU is in service again.
  public static let calm: Int64 = 30_000
  /// Milliseconds after which a device that is gone is forgotten.
  public static let memory: Int64 = 3_600_000
  static let most = 1024

  public private(set) var entries: [Entry] = []
  private var topology = GPUTopology()

  public init() {}

  /// Takes a look at the host.
  ///
  /// - Parameters:
  ///   - devices: all that are there.
  ///   - faults: what is wrong with devices, by UUID.
  ///   - absence: why devices are not there; nil when nobody knows.
  ///   - isBlind: whether the driver told of no device: none that is not there was reset.
  ///   - topology: of the devices.
  ///   - now: milliseconds of a clock that never goes back.
  public mutating func see(
    _ devices: [GPUDevice], faults: [String: String] = [:], absence: String? = nil, isBlind: Bool = false,
    topology: GPUTopology? = nil, now: Int64
  ) {
    if let topology { self.topology = topology }
    var seen: [String: GPUDevice] = [:]
    for device in devices { seen[device.uuid] = device }
    for index in entries.indices {
      let uuid = entries[index].device.uuid
      if let device = seen.removeValue(forKey: uuid) {
        // What a job was given stays what it was given.
        if device != entries[index].device, entries[index].job == nil {
          var entry = Entry(device)
          entry.reason = entries[index].reason
          entry.troubled = entries[index].troubled
          (entry.isHeld, entry.wasMissed) = (entries[index].isHeld, entries[index].wasMissed)
          entries[index] = entry
        }
        if entries[index].wasMissed { (entries[index].isHeld, entries[index].wasMissed) = (false, false) }
        entries[index].gone = nil
        mark(index, faults[uuid], now)
      } else {
        entries[index].gone = entries[index].gone ?? now
        if !isBlind { entries[index].wasMissed = true }
        mark(index, absence ?? "it is not there any more", now)
      }
    }
    entries.removeAll { entry in entry.job == nil && entry.gone.map { now - $0 > Self.memory } == true }
    // A device that is new has no history that speaks against it.
    for device in devices where seen.removeValue(forKey: device.uuid) != nil && entries.count < Self.most {
      entries.append(Entry(device))
      mark(entries.count - 1, faults[device.uuid], now)
    }
  }

  /// Takes GPUs out of service, until they were seen without a fault for a while.
  ///
  /// - Parameter untilReset: until they were not there for a look, too.
  public mutating func withdraw(
    _ uuids: [String], because reason: String, untilReset: Bool = false, now: Int64
  ) {
    for index in entries.indices where uuids.contains(entries[index].device.uuid) {
      entries[index].troubled = now
      if entries[index].isHeld { continue }
      entries[index].reason = reason
      (entries[index].isHeld, entries[index].wasMissed) = (untilReset, false)
    }
  }

  /// What a request would get now: all that it needs or nothing. A job that has some already gets the same again.
  ///
  /// - Parameter cores: of the job.
  public func answer(to need: GPUNeed, of job: String, near cores: [Int] = []) -> Answer {
    let held = devices(of: job)
    if !held.isEmpty { return .leased(held) }
    let serving = entries.filter { $0.reason == nil }
    let free = serving.filter { $0.job == nil && !overlapsLease($0.device) }.map(\.device)
    guard let chosen = need.choose(from: free, by: topology, near: cores) else {
      return need.choose(from: serving.map(\.device)) == nil ? .lacking : .short
    }
    return .leased(chosen)
  }

  /// Gives GPUs to a job.
  public mutating func lease(_ need: GPUNeed, to job: String, near cores: [Int] = []) -> Answer {
    let answer = answer(to: need, of: job, near: cores)
    if case .leased(let chosen) = answer {
      let uuids = Set(chosen.map(\.uuid))
      for index in entries.indices where uuids.contains(entries[index].device.uuid) {
        entries[index].job = job
      }
    }
    return answer
  }

  /// What a job has.
  public func devices(of job: String) -> [GPUDevice] {
    entries.filter { $0.job == job }.map(\.device).sorted { ($0.node, $0.uuid) < ($1.node, $1.uuid) }
  }

  /// Ends the lease of a job.
  ///
  /// - Returns: what it had.
  @discardableResult
  public mutating func giveBack(_ job: String) -> [GPUDevice] {
    let held = devices(of: job)
    for index in entries.indices where entries[index].job == job { entries[index].job = nil }
    return held
  }

  private mutating func mark(_ index: Int, _ fault: String?, _ now: Int64) {
    if let fault {
      if !entries[index].isHeld { entries[index].reason = fault }
      entries[index].troubled = now
    } else if entries[index].isHeld {
      entries[index].troubled = now
    } else if entries[index].reason != nil, now - entries[index].troubled >= Self.calm {
      entries[index].reason = nil
    }
  }

  /// A device that was partitioned, or put together again, under a job that still has it is not given a second time.
  private func overlapsLease(_ device: GPUDevice) -> Bool {
    entries.contains { other in
      guard other.job != nil, other.device.node == device.node, other.device.uuid != device.uuid else {
        return false
      }
      return other.device.instance == nil || device.instance == nil
    }
  }
}
