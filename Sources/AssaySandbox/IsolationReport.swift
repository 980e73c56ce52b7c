/// What keeps untrusted code in on this host.
public struct IsolationReport: Sendable, Hashable, Codable, CustomStringConvertible {
  /// bubblewrap with user, mount, pid, network, ipc and uts namespaces, proven by running a program.
  public var namespaces: Bool
  /// Jobs run as a user of their own, not as the user of this process.
  public var dedicatedUser: Bool
  public var seccomp: Bool
  public var memoryLimit: Bool
  public var processLimit: Bool
  /// CPU time of the whole tree is counted by the kernel.
  public var cpuAccounting: Bool
  /// Why something is missing, and what to do.
  public var remarks: [String]

  public init(
    namespaces: Bool, dedicatedUser: Bool, seccomp: Bool, memoryLimit: Bool, processLimit: Bool,
    cpuAccounting: Bool, remarks: [String] = []
  ) {
    self.namespaces = namespaces
    self.dedicatedUser = dedicatedUser
    self.seccomp = seccomp
    self.memoryLimit = memoryLimit
    self.processLimit = processLimit
    self.cpuAccounting = cpuAccounting
    self.remarks = remarks
  }

  public var canRunUntrustedCode: Bool { namespaces && seccomp }

  public var description: String {
    func item(_ name: String, _ there: Bool) -> String { "\(name) \(there ? "yes" : "NO")" }
    let facts = [
      item("namespaces", namespaces), item("own user", dedicatedUser), item("seccomp", seccomp),
      item("memory limit", memoryLimit), item("process limit", processLimit),
      item("cpu accounting", cpuAccounting),
    ].joined(separator: ", ")
    return remarks.isEmpty ? facts : facts + " (" + remarks.joined(separator: "; ") + ")"
  }
}
