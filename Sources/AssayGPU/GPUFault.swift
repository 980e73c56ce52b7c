/// Why a host's GPUs, or one of them, cannot be used. Never a recipe's fault.
public struct GPUFault: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind of a fault, open for new members.
  public struct Code: Hashable, Sendable, Codable {
    let name: String
    /// There is no driver library: a host without GPUs, or a container that was not given them.
    public static let driverAbsent = Code(name: "driver absent")
    /// The library lacks a function that is needed.
    public static let driverTooOld = Code(name: "driver too old")
    /// The library is there and does not start.
    public static let driverFailed = Code(name: "driver failed")
    /// It does not answer in time.
    public static let driverSilent = Code(name: "driver silent")
    /// A device does not answer, such as one that fell off its bus.
    public static let deviceUnreadable = Code(name: "device unreadable")
  }

  public let code: Code
  /// What was found.
  public let message: String
  /// What to do about it.
  public let remedy: String

  init(_ code: Code, _ message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  public var description: String { "\(message); \(remedy)" }
}
