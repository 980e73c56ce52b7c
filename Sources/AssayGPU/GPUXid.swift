/// The number of an error that NVIDIA's driver reports of a device, and whose doing it is.
///
/// By the catalogue of NVIDIA's *Xid Errors* (docs.nvidia.com/deploy/xid-errors, "Analyzing Xid Errors with the Xid Catalog"). What a
/// program can bring about, such as by an address that is not its own, is the program's, even where the catalogue names other causes too:
/// else a recipe that sees that it will score badly would end its trial with one. Ours is only what a device, its links or its firmware
/// report of themselves. What the catalogue of that time did not have changes nothing in a job's outcome.
public struct GPUXid: Sendable, Hashable, Codable {
  public enum Cause: String, Sendable, Codable {
    /// A program on the device may have caused it: it ends as it ends, on its own account.
    case application
    /// The device, its links or its firmware: what ran there is worth nothing, and is nobody's fault.
    case hardware
    /// Not known: recorded, and nothing else.
    case unknown
  }

  public let number: UInt64

  public init(_ number: UInt64) { self.number = number }

  public var cause: Cause {
    if Self.hardware.contains(number) { return .hardware }
    return Self.application.contains(number) ? .application : .unknown
  }

  /// Whether the device computes nothing that can be trusted until it is reset.
  public var needsReset: Bool { Self.resetting.contains(number) }

  /// Memory (48, 63, 64, 92 to 95, 140, 156, 157, 168, 171, 172), links (74, 121, 136, 144 to 150), bus (79, 167), power (54), and firmware
  /// and microcontrollers (61, 62, 119, 120, 143, 151, 158, 169).
  static let hardware: Set<UInt64> = Set([
    48, 54, 58, 61, 62, 63, 64, 74, 79, 92, 93, 94, 95, 119, 120, 121, 136, 140, 143, 151, 156, 157, 158, 167,
    168, 169,
    171, 172,
  ]).union(144...150)

  /// Engines that stopped at what they were given (8, 13, 32, 43, 69, 109, ...), addresses (31, 108, 137), copies (39 to 41, 70 to 72,
  /// 75 to 77, 85, 126 to 135), pictures (68, 82 to 84, 86, 88, 89, 96 to 105, 139, 142), and what is taken away after any of them (45).
  static let application: Set<UInt64> = Set([
    8, 11, 13, 31, 32, 37, 39, 40, 41, 43, 44, 45, 46, 59, 60, 65, 66, 68, 69, 70, 71, 72, 75, 76, 77, 80, 82,
    83, 84, 85, 86,
    88, 89, 108, 109, 110, 137, 139, 141, 142,
  ]).union(96...105).union(126...135)

  static let resetting: Set<UInt64> = Set([
    46, 48, 54, 62, 64, 74, 79, 95, 109, 110, 119, 120, 136, 140, 143, 151, 154, 155, 156, 158, 167, 169, 172,
  ]).union(144...150)

  private static let names: [UInt64: String] = [
    13: "engine exception", 31: "memory page fault", 43: "stopped processing",
    45: "taken away after another error",
    48: "memory error that ECC did not correct", 62: "microcontroller halted",
    63: "a row of memory is to be replaced",
    64: "a row of memory could not be replaced", 74: "NVLink error", 79: "fell off its bus",
    92: "many memory errors that ECC corrected", 94: "contained memory error", 95: "uncontained memory error",
    109: "context switch timed out", 119: "firmware does not answer", 120: "firmware failed",
    140: "memory error that was not recovered", 154: "asks for another recovery",
  ]

  /// `Xid 79 (fell off its bus)`
  public var text: String { "Xid \(number)" + (Self.names[number].map { " (\($0))" } ?? "") }
}
