import AssaySandbox
import Foundation

/// From asking for a sandboxed process to its end, beside bare bubblewrap with the same namespaces.
enum SandboxBenchmark {
  static func run() async throws {
    let sandbox = try await Sandbox.open()
    let command = SandboxCommand(
      arguments: ["/bin/true"],
      limits: SandboxLimits(wallMilliseconds: 10_000, memoryBytes: 256 << 20, diskBytes: 1 << 20))
    var (ours, bare) = (Samples(), Samples())
    for _ in 0..<50 {
      try await ours.measure { _ = try await sandbox.run(command) }
      try await bare.measure {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/bwrap")
        process.arguments =
          [
            "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
            "--symlink", "usr/lib64", "/lib64",
          ]
          + ["--symlink", "usr/lib", "/lib", "--proc", "/proc", "--dev", "/dev", "/bin/true"]
        try process.run()
        process.waitUntilExit()
      }
    }
    report("\na sandboxed /bin/true, start to end (medians of 50, alternating)")
    report("| bare bubblewrap us | Assay sandbox us | ratio |")
    report("|---|---|---|")
    report(
      "| \(cell(bare.microseconds(0.5))) | \(cell(ours.microseconds(0.5))) | \(cell(ours.microseconds(0.5) / bare.microseconds(0.5), 2)) |"
    )
  }
}
