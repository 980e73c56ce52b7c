import AssayIdentity
import AssaySupervisor
import Foundation
import Glibc

/// The real evaluator and lineage with a small task, and the keys of all who may call them.
struct ScaleServices: Sendable {
  let folder: URL
  /// Where the lineage has its state.
  let record: URL
  let evaluatorKey = IdentityKey()
  let operatorKey = IdentityKey()
  let agentKeys: [IdentityKey]
  let runnerKeys: [IdentityKey]
  private let lineage: StartedProgram
  private let evaluator: StartedProgram

  /// As many as an arm may have.
  static let specialists = 256

  var address: String { "ipc://\(folder.path)/e.sock" }

  init(in folder: URL, record: URL, agents: Int, runners: Int, calls: Int?) async throws {
    self.folder = folder
    self.record = record
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    agentKeys = (0..<agents).map { _ in IdentityKey() }
    runnerKeys = (0..<runners).map { _ in IdentityKey() }
    let lineageKey = IdentityKey()
    try evaluatorKey.save(to: folder.path + "/evaluator.key")
    try lineageKey.save(to: folder.path + "/lineage.key")
    var trusted = [
      TrustStore.Entry(name: "operator", roles: [.operator], identity: operatorKey.publicIdentity)
    ]
    for (number, key) in agentKeys.enumerated() {
      trusted.append(
        .init(
          name: "agent/s\(number % Self.specialists)", roles: [.agent], identity: key.publicIdentity))
    }
    for (number, key) in runnerKeys.enumerated() {
      trusted.append(.init(name: "runner/r\(number)", roles: [.runner], identity: key.publicIdentity))
    }
    try TrustStore(trusted).save(to: folder.path + "/trust-evaluator.json")
    try TrustStore([
      .init(name: "evaluator", roles: [.evaluator], identity: evaluatorKey.publicIdentity)
    ]).save(to: folder.path + "/trust-lineage.json")
    let task = try Self.makeTask(in: folder)
    let lineageAddress = "ipc://\(folder.path)/l.sock"
    lineage = StartedProgram(
      executable: try Executables.locate("assay-lineage"),
      arguments: [
        "--listen", lineageAddress, "--key", folder.path + "/lineage.key", "--trust",
        folder.path + "/trust-lineage.json", "--state", record.path, "--log-level", "error",
        "--exit-with-stdin",
      ], log: folder.appending(path: "lineage.log"))
    evaluator = StartedProgram(
      executable: try Executables.locate("assay-evaluator"),
      arguments: [
        "--listen", "ipc://\(folder.path)/e.sock", "--key", folder.path + "/evaluator.key", "--trust",
        folder.path + "/trust-evaluator.json", "--state", folder.path + "/evaluator", "--task", task.path,
        "--prepared", folder.path + "/prepared", "--lineage", lineageAddress, "--lineage-key",
        lineageKey.publicIdentity.text, "--log-level", "error", "--exit-with-stdin",
      ] + (calls.map { ["--max-calls", "\($0)"] } ?? []), log: folder.appending(path: "evaluator.log"))
    try lineage.start()
    try evaluator.start()
  }

  func stop() async {
    await evaluator.stop()
    await lineage.stop()
  }

  /// What a service used so far.
  struct Usage: Sendable {
    /// Highest resident memory, MiB.
    var peak = 0.0
    /// CPU seconds of its own.
    var cpu = 0.0
    /// CPU seconds of the programs that it ran and that have ended: of the evaluator, its sandboxes.
    var children = 0.0
  }

  /// What the services that run now used, by name.
  func usage() -> [String: Usage] {
    var found: [String: Usage] = [:]
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(entry) != nil
    {
      guard let data = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else { continue }
      let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard words.contains(where: { $0.hasPrefix(folder.path + "/") }),
        let name = words.first.map({ URL(filePath: $0).lastPathComponent }),
        ["assay-evaluator", "assay-lineage"].contains(name),
        let status = FileManager.default.contents(atPath: "/proc/\(entry)/status"),
        let stat = FileManager.default.contents(atPath: "/proc/\(entry)/stat")
      else { continue }
      let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
        $0.hasPrefix("VmHWM:")
      }
      let kilobytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) }
      // After the name in parentheses: state is the first field, the four CPU times are the 12th to the 15th.
      let fields =
        String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
      let ticks = fields.count > 14 ? fields[11...14].map { Double($0) ?? 0 } : [0, 0, 0, 0]
      let second = Double(sysconf(Int32(_SC_CLK_TCK)))
      found[name] = Usage(
        peak: (kilobytes ?? 0) / 1024, cpu: (ticks[0] + ticks[1]) / second,
        children: (ticks[2] + ticks[3]) / second)
    }
    return found
  }

  /// MB of the files of a service's state.
  func megabytes(_ place: URL) -> Double {
    guard let files = FileManager.default.enumerator(at: place, includingPropertiesForKeys: [.fileSizeKey])
    else { return 0 }
    var bytes = 0
    for case let file as URL in files {
      bytes += (try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
    }
    return Double(bytes) / 1e6
  }

  /// The test task, measured once and without a gate: its real scorer judges predictions that are all zero.
  private static func makeTask(in folder: URL) throws -> URL {
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "tasks/tiny-regression")
    let copy = folder.appending(path: "task")
    try FileManager.default.copyItem(at: source, to: copy)
    let file = copy.appending(path: "task.yaml")
    var text = try String(contentsOf: file, encoding: .utf8)
    for (old, new) in [
      ("gates:\n  - {metric: r2, at_least: \"0.1\"}\n", ""),
      ("baseline: 3, confirm: 3, final: 3", "baseline: 1, confirm: 0, final: 1"),
    ] {
      guard text.contains(old) else { throw BenchmarkFailure("task.yaml has no '\(old)'") }
      text = text.replacing(old, with: new)
    }
    try text.write(to: file, atomically: true, encoding: .utf8)
    return copy
  }
}
