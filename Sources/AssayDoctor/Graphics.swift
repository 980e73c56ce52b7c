import AssayGPU
import Foundation

/// The GPUs of this machine, as a finding.
enum Graphics {
  /// - Parameters:
  ///   - library: a path instead of the name by which the driver's library is found.
  ///   - nodes: the folder of device nodes.
  static func finding(library: String = NVML.libraryName, nodes: String = "/dev") -> Finding {
    let inventory = GPUInventory.discover(library: library)
    let present = ((try? FileManager.default.contentsOfDirectory(atPath: nodes)) ?? []).filter {
      $0.wholeMatch(of: /nvidia[0-9]+/) != nil
    }.count
    if let fault = inventory.faults.first {
      // A machine without GPUs lacks nothing, whatever libraries lie on it.
      if present == 0, inventory.devices.isEmpty, fault.code == .driverAbsent || fault.code == .driverFailed {
        return Finding("gpus", .ok, "none; the bundled tasks train on CPUs")
      }
      let found = inventory.devices.isEmpty ? "\(present) device nodes" : inventory.summary
      return Finding(
        "gpus", .fail, "\(found); \(inventory.faults.map(\.message).joined(separator: "; "))",
        remedy: fault.remedy)
    }
    guard !inventory.devices.isEmpty else { return Finding("gpus", .ok, "none") }
    let connections = inventory.topology.summary(of: inventory.devices)
    return Finding(
      "gpus", .ok,
      "\(inventory.summary), driver \(inventory.driver)\(connections.isEmpty ? "" : "; \(connections)")")
  }
}
