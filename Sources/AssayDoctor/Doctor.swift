public import AssaySupervisor
import Foundation

/// Looks at a machine, and at a run's folder where there is one, for what keeps Assay from working.
public struct Doctor: Sendable {
  /// Nil when there is no run to look at.
  public var directory: StateDirectory?
  /// Folders that are written to.
  public var folders: [URL]
  /// A path of NVML instead of the name by which it is found.
  public var nvml: String?

  public init(directory: StateDirectory?, folders: [URL], nvml: String? = nil) {
    self.directory = directory
    self.folders = folders
    self.nvml = nvml
  }

  /// All findings, in a fixed order.
  public func examine() async -> [Finding] {
    var findings = [Self.system(), Self.programs()]
    findings += await Self.sandbox()
    findings += [
      Self.namespaces(), Self.seccomp(), Self.users(), Self.clock(), Self.memory(), await Self.python(),
      await Self.packages(),
    ]
    findings += folders.map(Self.disk)
    findings.append(nvml.map { Graphics.finding(library: $0) } ?? Graphics.finding())
    guard let directory else { return findings }
    findings += Self.keys(in: directory.keys)
    findings += Self.trust(in: directory)
    findings += await Self.services(of: directory)
    return findings
  }
}
