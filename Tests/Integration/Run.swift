import Foundation
import Glibc

/// A run in a state folder of its own.
struct Run {
  var state = FileManager.default.temporaryDirectory.appending(path: "assay-run-\(UUID().uuidString)").path
  var task = "tiny-regression"

  func start(_ options: String..., environment: [String: String] = [:]) throws -> Running {
    try Running("assay", ["run", task, "--json", "--state", state] + options, environment: environment)
  }

  func ask(_ command: String, _ options: String...) async throws -> Program.Ended {
    try await Program.run("assay", [command] + options + ["--json", "--state", state])
  }

  /// All trials in the record, by number.
  func trials() async throws -> [[String: Any]] { try await ask("trials").rows }

  /// Pids of this run's processes of one program.
  func pids(of program: String) -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { entry in
      guard let pid = Int32(entry),
        let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
      else { return nil }
      let words = line.split(separator: "\0")
      guard let first = words.first, first.hasSuffix("/" + program), line.contains(state) else { return nil }
      return pid
    }
  }
}
