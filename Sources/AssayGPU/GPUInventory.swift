/// The GPUs of a host as its driver tells them, and what is wrong with them.
public struct GPUInventory: Sendable, Hashable, Codable {
  /// What jobs can be given, in the driver's order. A partitioned device is not among them, its partitions are.
  public var devices: [GPUDevice] = []
  /// Empty where there is none.
  public var driver = ""
  /// The folder of the driver's libraries; nil where it was not told.
  public var folder: String?
  public var faults: [GPUFault] = []
  /// Processes that compute on each device, by its UUID; none for devices whose driver does not tell.
  public var processes: [String: [UInt32]] = [:]
  public var topology = GPUTopology()

  public init() {}

  /// - Parameter library: a path instead of the name by which the driver's library is found.
  public static func discover(library: String = NVML.libraryName) -> GPUInventory {
    var inventory = GPUInventory()
    do throws(GPUFault) {
      let nvml = try NVML(library: library)
      inventory.driver = nvml.driverVersion
      inventory.folder = nvml.folder
      for index in 0..<(try nvml.count()) {
        do throws(GPUFault) {
          let devices = try nvml.devices(at: index)
          inventory.devices += devices
          for device in devices {
            inventory.processes[device.uuid] = nvml.activity(of: device.uuid)?.processes
          }
        } catch {
          inventory.faults.append(error)
        }
      }
      inventory.topology = nvml.topology(of: inventory.devices)
    } catch {
      inventory.faults.append(error)
    }
    return inventory
  }

  /// `2 × NVIDIA H100 (80 GB, compute capability 9.0)`, a part for each kind.
  public var summary: String {
    var kinds: [(text: String, count: Int)] = []
    for device in devices {
      // Memory as drivers report it is a little less than its name says.
      let text =
        "\(device.model) (\(device.memoryBytes >> 20) MiB, compute capability \(device.computeCapability)"
        + (device.instance == nil ? ")" : ", MIG instance)")
      if let known = kinds.firstIndex(where: { $0.text == text }) {
        kinds[known].count += 1
      } else {
        kinds.append((text, 1))
      }
    }
    return kinds.map { "\($0.count) × \($0.text)" }.joined(separator: ", ")
  }
}
