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
    let cpu =
      information.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    return SandboxHost(kernel: kernel, cpu: cpu, cores: availableCores())
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
