/// Why a device holds its clock back, as NVML names the bits (docs.nvidia.com/deploy/nvml-api, nvmlClocksEventReasons). That it idles, or
/// was set to a clock, is none: such a time is steady.
public enum GPUSlowdown: String, Sendable, Hashable, Codable, CaseIterable {
  case powerCap = "power cap"
  case hardware = "hardware slowdown"
  case syncBoost = "sync boost"
  case softwareThermal = "software thermal slowdown"
  case hardwareThermal = "hardware thermal slowdown"
  case powerBrake = "power brake"

  var bit: UInt64 {
    switch self {
    case .powerCap: 0x4
    case .hardware: 0x8
    case .syncBoost: 0x10
    case .softwareThermal: 0x20
    case .hardwareThermal: 0x40
    case .powerBrake: 0x80
    }
  }
}
