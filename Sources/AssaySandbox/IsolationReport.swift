import Glibc

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
  /// This process is in a container itself, whose own limits stand around it.
  public var inContainer: Bool
  /// Why something is missing, and what to do.
  public var remarks: [String]

  /// How much of it there is, in a word.
  public enum Level: String, Sendable {
    /// Everything.
    case full
    /// Not everything, in a container: its memory and processes are bounded by that container's limits.
    case container
    /// Not everything, and no container around it: some limits are those of a process only, and watched for.
    case reduced
  }

  public var level: Level {
    if dedicatedUser, memoryLimit, processLimit, cpuAccounting { return .full }
    return inContainer ? .container : .reduced
  }

  public init(
    namespaces: Bool, dedicatedUser: Bool, seccomp: Bool, memoryLimit: Bool, processLimit: Bool,
    cpuAccounting: Bool, inContainer: Bool = IsolationReport.isContainer, remarks: [String] = []
  ) {
    self.namespaces = namespaces
    self.dedicatedUser = dedicatedUser
    self.seccomp = seccomp
    self.memoryLimit = memoryLimit
    self.processLimit = processLimit
    self.cpuAccounting = cpuAccounting
    self.inContainer = inContainer
    self.remarks = remarks
  }

  /// Whether this process is in a container, by the marks that engines leave.
  public static var isContainer: Bool {
    access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0
      || getenv("KUBERNETES_SERVICE_HOST") != nil
  }

  /// How this user gets a control group that may have children with limits.
  public static var delegationRemedy: String {
    "start it in a group of its own, as `systemd-run \(geteuid() == 0 ? "" : "--user ")--scope -p Delegate=yes` does"
  }

  /// How the kernel comes to count CPU time where it does not.
  public static let accountingRemedy = "mount the controller cpuacct so that this user may write to it"

  public var canRunUntrustedCode: Bool { namespaces && seccomp }

  public var description: String {
    func item(_ name: String, _ there: Bool) -> String { "\(name) \(there ? "yes" : "NO")" }
    let facts = [
      item("namespaces", namespaces), item("own user", dedicatedUser), item("seccomp", seccomp),
      item("memory limit", memoryLimit), item("process limit", processLimit),
      item("cpu accounting", cpuAccounting),
    ].joined(separator: ", ")
    return "\(level.rawValue): \(facts)" + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))")
  }
}
