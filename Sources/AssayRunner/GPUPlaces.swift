public import AssayGPU
import AssaySandbox
import Foundation
import Glibc

/// Where a host's GPUs are found.
public struct GPUPlaces: Sendable {
  /// The driver's library, by its name or path.
  public var library: String
  /// Folders of device nodes and of the kernel's tables.
  public var devices: String
  public var tables: String
  /// The program that asks the driver, and its arguments (`GPUDriver`); empty to ask from within this process.
  public var probe: [String]
  /// A folder that all runners of this machine share, for locks on its GPUs; nil where there is no other one.
  public var locks: String?
  /// UUIDs of those that may be given, where a scheduler gave some of the host's; nil for all.
  var only: Set<String>?
  /// How long the driver may take to answer.
  var patience = Duration.seconds(20)

  public init(
    library: String = NVML.libraryName, devices: String = "/dev", tables: String = "/proc",
    probe: [String] = [],
    locks: String? = nil
  ) {
    self.library = library
    self.devices = devices
    self.tables = tables
    self.probe = probe
    self.locks = locks
  }

  /// The device nodes that a job with these GPUs needs, and no other GPU's.
  ///
  /// - Throws: `RunnerError`, `.gpus`, naming what is missing.
  func nodes(for gpus: [GPUDevice]) throws(RunnerError) -> [SandboxCommand.Device] {
    var needed = ["nvidiactl", "nvidia-uvm"]
    for gpu in gpus {
      needed.append("nvidia\(gpu.node)")
      guard let instance = gpu.instance else { continue }
      let gi = "\(tables)/driver/nvidia/capabilities/gpu\(gpu.node)/mig/gi\(instance.gpuInstance)"
      needed.append("nvidia-caps/nvidia-cap\(try minor("\(gi)/access"))")
      needed.append("nvidia-caps/nvidia-cap\(try minor("\(gi)/ci\(instance.computeInstance)/access"))")
    }
    if present("nvidia-uvm-tools") { needed.append("nvidia-uvm-tools") }
    var nodes: [SandboxCommand.Device] = []
    for name in needed {
      guard present(name) else {
        throw RunnerError(
          .gpus,
          "there is no \(devices)/\(name); make it with nvidia-modprobe -u -c=0, or give the container its GPUs"
        )
      }
      let node = SandboxCommand.Device("\(devices)/\(name)", at: "/dev/\(name)")
      if !nodes.contains(node) { nodes.append(node) }
    }
    return nodes
  }

  /// Why a device cannot be opened, as where control groups keep others' away; nil where it can.
  func refusal(of gpu: GPUDevice) -> String? {
    let file = open("\(devices)/nvidia\(gpu.node)", O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return String(cString: strerror(errno)) }
    close(file)
    return nil
  }

  /// Whether programs find libraries in a folder without being told of it.
  static func isUsual(_ folder: String) -> Bool {
    folder.wholeMatch(of: /(\/usr)?\/lib(32|64)?(\/[a-z0-9_]+-linux-[a-z0-9]+)?/) != nil
  }

  /// Whether every sandbox has what is in a folder.
  static func isEverywhere(_ folder: String) -> Bool {
    ["/usr/", "/lib/", "/lib64/"].contains { "\(folder)/".hasPrefix($0) }
  }

  private func present(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(devices)/\(name)")
  }

  /// The minor number of a partition's device node, as the kernel's table has it.
  private func minor(_ path: String) throws(RunnerError) -> UInt32 {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == "DeviceFileMinor", let number = UInt32(parts[1]) { return number }
    }
    throw RunnerError(
      .gpus, "\(path) does not tell a device node; was the partition removed? nvidia-smi -L lists them")
  }
}
