/// How two GPUs of a host reach each other.
public struct GPUPath: Sendable, Hashable, Codable {
  /// What the two have in common on the way over PCI Express, as NVML's nvmlGpuTopologyLevel_t numbers it.
  public enum Ancestor: UInt32, Sendable, Codable {
    case board = 0
    case `switch` = 10
    case switches = 20
    case hostBridge = 30
    case node = 40
    case system = 50

    var text: String {
      switch self {
      case .board: "one board"
      case .switch: "one PCIe switch"
      case .switches: "PCIe switches"
      case .hostBridge: "one host bridge"
      case .node: "one NUMA node"
      case .system: "across NUMA nodes"
      }
    }
  }

  /// NVLinks between the two, or of each to what switches them; 0 for none.
  public var links: UInt32
  /// Nil where the driver does not tell.
  public var ancestor: Ancestor?

  public init(links: UInt32 = 0, ancestor: Ancestor? = nil) {
    self.links = links
    self.ancestor = ancestor
  }

  /// The smaller, the better connected: NVLink before PCI Express, more links before fewer, and what is not known last.
  public var distance: UInt32 {
    if links > 0 { return 64 - min(links, 63) }
    return ancestor.map { 100 + $0.rawValue } ?? 1000
  }

  public var text: String { links > 0 ? "\(links) NVLinks" : ancestor?.text ?? "not told" }
}
