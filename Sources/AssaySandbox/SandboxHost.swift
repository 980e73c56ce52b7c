import Foundation
import Glibc

/// A host that runs commands, as its kernel describes it.
public struct SandboxHost: Sendable, Hashable, Codable {
  /// Release of the kernel.
  public var kernel: String
  /// Model of the processor; empty where the kernel names none.
  public var cpu: String
  /// Cores that commands were given; empty for any.
  public var cores: [Int]

  public init(kernel: String, cpu: String, cores: [Int]) {
    self.kernel = kernel
    self.cpu = cpu
    self.cores = cores
  }

  /// This host, with the cores that this process may use.
  public static func current() -> SandboxHost {
    var name = utsname()
    uname(&name)
    let kernel = withUnsafeBytes(of: &name.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return SandboxHost(kernel: kernel, cpu: processor(information), cores: availableCores())
  }

  /// Model of the first processor in /proc/cpuinfo; where the kernel knows no names, as on Arm, the maker's numbers.
  static func processor(_ information: String) -> String {
    func value(_ key: String) -> String? {
      information.split(separator: "\n").first { $0.hasPrefix(key) }?
        .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    if let name = value("model name") { return name }
    let numbers = ["CPU implementer", "CPU part", "CPU variant"].compactMap(value)
    return numbers.isEmpty ? "" : "Arm " + numbers.joined(separator: " ")
  }

  /// Whether a process of this host is of a command that this process runs or ran, whatever became of its parents. Only control groups
  /// tell: without them none is.
  public static func isOfCommand(_ process: UInt32) -> Bool {
    let groups = try? String(contentsOfFile: "/proc/\(process)/cgroup", encoding: .utf8)
    return groups.map { TrialGroup.isOne($0, of: getpid()) } ?? false
  }

  /// Cores that this process may use, as the kernel lists them (`0-3,8`).
  public static func availableCores(
    status: String = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  ) -> [Int] {
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else {
      return []
    }
    return line.dropFirst("Cpus_allowed_list:".count).split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 4096 else { return [] }
      return Array(first...last)
    }
  }
}
