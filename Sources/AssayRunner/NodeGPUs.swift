public import AssayGPU
public import AssaySandbox
import Foundation

/// The GPUs that a scheduler gave to one step, on the node that runs it.
public struct NodeGPUs: Sendable {
  /// Who gave them.
  public enum Scheduler: String, Sendable, Hashable, Codable {
    case slurm, kubernetes
  }

  private let scheduler: Scheduler
  private let places: GPUPlaces
  private let environment: [String: String]

  /// - Parameter environment: the step's, in which the scheduler says what it gave.
  public init(_ scheduler: Scheduler, places: GPUPlaces, environment: [String: String]) {
    self.scheduler = scheduler
    self.places = places
    self.environment = environment
  }

  /// What the scheduler gave, as the node's driver shows it.
  ///
  /// - Throws: `RunnerError`, `.gpus`, when there are fewer or more than were asked for, or others than the driver shows.
  public func given(_ count: Int) async throws(RunnerError) -> [GPUDevice] {
    try given(count, of: await HostGPUs(places).inventory())
  }

  /// Runs a command with them, under the rules of every host: nothing else is in the sandbox, and a stranger's process, a device that is
  /// lost, or memory that lied makes the result worth nothing.
  ///
  /// - Parameters:
  ///   - devices: what the scheduler gave.
  /// - Throws: `RunnerError`, `.gpus`; what the launcher throws.
  public func run(
    _ command: SandboxCommand, on devices: [GPUDevice], for need: GPUNeed, by launcher: any TrialLauncher
  ) async throws -> GPURun {
    // Those that are lacking would be missed below; this says why.
    guard need.choose(from: devices) != nil else {
      let kinds = devices.map { "\($0.model), \($0.memoryBytes >> 20) MiB, \($0.computeCapability)" }
      throw RunnerError(
        .gpus,
        "\(scheduler.name) gave the job GPUs that are not good enough for it (\(Set(kinds).sorted().joined(separator: "; "))); \(scheduler.kindsRemedy)"
      )
    }
    var places = places
    places.only = Set(devices.map(\.uuid))
    return try await HostGPUs(places).run(
      command, with: need, for: "step", every: .seconds(1), by: launcher)
  }

  func given(_ count: Int, of inventory: GPUInventory) throws(RunnerError) -> [GPUDevice] {
    let shown = "\(inventory.devices.count) \(inventory.faults.map(\.description).joined(separator: "; "))"
      .trimmingCharacters(in: .whitespaces)
    let devices: [GPUDevice]
    switch try names() {
    case .uuids(let uuids):
      devices = inventory.devices.filter { uuids.contains($0.uuid) }
      guard devices.count == uuids.count else {
        throw RunnerError(
          .gpus,
          "\(scheduler.name) gave the step GPUs \(uuids.sorted().joined(separator: ", ")); the node's driver shows others (\(shown))"
        )
      }
    case .nodes(let numbers):
      devices = inventory.devices.filter { $0.instance == nil && numbers.contains($0.node) }
      guard devices.count == numbers.count else {
        throw RunnerError(
          .gpus,
          "\(scheduler.name) gave the step GPUs \(numbers.sorted().map { "/dev/nvidia\($0)" }.joined(separator: ", ")); the node's driver shows others (\(shown)). Compare gres.conf with nvidia-smi on that node"
        )
      }
    case .present:
      devices = inventory.devices.filter { places.isPresent($0) }
    }
    guard devices.count == count else {
      throw RunnerError(
        .gpus,
        "\(scheduler.name) gave the step \(devices.count) GPUs where \(count) were asked for (the driver shows \(shown)); \(scheduler.countRemedy)"
      )
    }
    for device in devices {
      if let reason = places.refusal(of: device) {
        throw RunnerError(
          .gpus,
          "the step may not open /dev/nvidia\(device.node), which \(scheduler.name) gave it: \(reason)")
      }
    }
    return devices
  }

  private enum Names {
    case uuids(Set<String>)
    /// N of `/dev/nvidiaN`.
    case nodes(Set<UInt32>)
    /// Whatever is there.
    case present
  }

  private func names() throws(RunnerError) -> Names {
    func list(_ name: String) -> Set<String> {
      Set((environment[name] ?? "").split(separator: ",").map(String.init))
    }
    switch scheduler {
    case .kubernetes:
      // A device plugin may name them, and else shows no others; images say "all".
      let uuids = list("NVIDIA_VISIBLE_DEVICES").filter(Self.isUUID)
      return uuids.isEmpty ? .present : .uuids(uuids)
    case .slurm:
      // Partitions, and whatever a prolog of the site names so.
      let visible = list("CUDA_VISIBLE_DEVICES")
      if !visible.isEmpty, visible.allSatisfy(Self.isUUID) { return .uuids(visible) }
      // That variable numbers what the step can see; these number the devices of the node.
      for name in ["SLURM_STEP_GPUS", "SLURM_JOB_GPUS"] {
        let texts = list(name)
        let numbers = Set(texts.compactMap { UInt32($0) })
        if !numbers.isEmpty, numbers.count == texts.count { return .nodes(numbers) }
      }
      throw RunnerError(
        .gpus,
        "Slurm does not say which GPUs it gave the step (SLURM_STEP_GPUS); gres.conf has to name their devices, with File= or AutoDetect=nvml"
      )
    }
  }

  private static func isUUID(_ text: String) -> Bool { text.hasPrefix("GPU-") || text.hasPrefix("MIG-") }
}

extension NodeGPUs.Scheduler {
  var name: String {
    switch self {
    case .slurm: "Slurm"
    case .kubernetes: "Kubernetes"
    }
  }

  fileprivate var kindsRemedy: String {
    switch self {
    case .slurm: "give GPUs of different kinds types of their own in gres.conf"
    case .kubernetes: "let the Job template choose nodes of one kind (nodeSelector)"
    }
  }

  fileprivate var countRemedy: String {
    switch self {
    case .slurm: "compare gres.conf with nvidia-smi on that node"
    case .kubernetes:
      "see whether the device plugin runs on that node, and the driver's library is in the pod"
    }
  }
}

extension GPUPlaces {
  func isPresent(_ device: GPUDevice) -> Bool {
    FileManager.default.fileExists(atPath: "\(devices)/nvidia\(device.node)")
  }
}
