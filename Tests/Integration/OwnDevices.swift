import Foundation

/// Programs that see device nodes of their own (Fixtures/own_devices.sh).
enum OwnDevices {
  private static let program = Program.repository.appending(path: "Tests/Integration/Fixtures/own_devices.sh")
    .path

  /// What comes before a program, for it to see these GPUs' nodes.
  ///
  /// - Parameters:
  ///   - gpus: N of each /dev/nvidiaN.
  ///   - folder: one that it sees at another path, `place`.
  static func prefix(gpus: [Int], folder: String = "", at place: String = "") -> [String] {
    let nodes = (["nvidiactl", "nvidia-uvm"] + gpus.map { "nvidia\($0)" }).joined(separator: " ")
    return [
      "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", program, nodes, folder, place,
    ]
  }
}
