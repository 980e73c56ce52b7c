import Crypto
import Foundation
import Glibc
import Testing

/// Large artifacts between real processes: over a volume that they share, by RPC without one, and past a volume that lies. What travelled
/// how is read from the services' metrics.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct ArtifactVolumeTests {
  /// The test task with an artifact of `megabytes`, the same each time, which prediction checks before it answers.
  private static func task(megabytes: Int) throws -> (path: String, digest: String) {
    let part = Data((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0) })
    var hasher = SHA256()
    for _ in 0..<megabytes { hasher.update(data: part) }
    let digest = hasher.finalize().map { String(format: "%02x", $0) }.joined()
    let path = try TaskCopy.make([
      TaskCopy.quick,
      .init("task.yaml", "max_bytes: 256}", "max_bytes: 300000000}"),
      .init("task.yaml", "disk_mb: 8", "disk_mb: 400"),
      .init("task.yaml", "memory_mb: 256", "memory_mb: 1024"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 120"),
      .init("task.yaml", "cpu_seconds: 1\n", "cpu_seconds: 60\n"),
      .init(
        "harness/train.py", "    file.write(artifact)",
        "    for _ in range(\(megabytes)):\n        file.write(bytes(range(256)) * 4096)"),
      .init(
        "harness/predict.py", "    artifact = file.read()",
        """
            import hashlib
            assert hashlib.file_digest(file, "sha256").hexdigest() == "\(digest)"
            artifact = struct.pack("<4d", 0.0, 2.9, 0.0, -3.66)
        """),
    ])
    return (path, digest)
  }

  private struct Travelled {
    var taken = 0.0, found = 0.0, byRPC = 0.0
    var failures: UInt64 = 0
  }

  /// Opens a run, which trains once and predicts twice, and says what travelled how, in MiB.
  private func measure(
    _ task: String, evaluator: String?, runner: String?, prepare: (String) throws -> Void = { _ in }
  ) async throws -> Travelled {
    let ports = try (0..<2).map { _ in try Self.freePort() }
    let base = FileManager.default.temporaryDirectory.appending(path: "assay-shared-\(UUID().uuidString)")
      .path
    defer {
      for path in [base, task] { try? FileManager.default.removeItem(atPath: path) }
    }
    for name in [evaluator, runner].compactMap(\.self) {
      try FileManager.default.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: true)
    }
    if let evaluator { try prepare("\(base)/\(evaluator)") }
    func volume(_ name: String?) -> [String] { name.map { ["--artifact-volume", "\(base)/\($0)"] } ?? [] }
    return try await Site.with(
      task: task, runners: ["n1"],
      evaluatorOptions: ["--metrics", "127.0.0.1:\(ports[0])"] + volume(evaluator)
    ) { site in
      let running = try Running(
        "assay-runner",
        try site.runnerArguments("n1") + ["--metrics", "127.0.0.1:\(ports[1])"] + volume(runner))
      defer { running.signal(SIGKILL) }
      try await site.open()
      var result = Travelled()
      result.taken = try await Self.bytes("assay_blob_bytes", ports[0], way: "volume", direction: "in")
      for direction in ["in", "out"] {
        result.byRPC += try await Self.bytes("assay_blob_bytes", ports[0], way: "rpc", direction: direction)
      }
      result.found = try await Self.bytes("assay_runner_blob_bytes", ports[1], way: "volume", direction: "in")
      result.failures = try await site.failures()
      return result
    }
  }

  private static func bytes(_ name: String, _ port: UInt16, way: String, direction: String) async throws
    -> Double
  {
    let page = try await Program.run(
      "/usr/bin/python3",
      [
        "-c", "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=30).read().decode())",
        "http://127.0.0.1:\(port)/metrics",
      ])
    #expect(page.status == 0, "\(page.errors)")
    let line = page.output.split(separator: "\n").first {
      $0.hasPrefix(name + "_total{") && $0.contains("way=\"\(way)\"")
        && $0.contains("direction=\"\(direction)\"")
    }
    return (line?.split(separator: " ").last.flatMap { Double($0) } ?? 0) / Double(1 << 20)
  }

  /// A port that nobody listens on.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(bound)
    return UInt16(bigEndian: address.sin_port)
  }

  @Test("200 MiB over a shared volume: next to nothing by RPC") func overAVolume() async throws {
    let travelled = try await measure(try Self.task(megabytes: 200).path, evaluator: "v", runner: "v")
    #expect(travelled.taken == 200)
    #expect(travelled.found == 400)
    #expect(travelled.byRPC < 1, "\(travelled)")
    #expect(travelled.failures == 0)
    print("over a volume: \(travelled)")
  }

  @Test("without a volume all of it goes by RPC") func byRPC() async throws {
    let travelled = try await measure(try Self.task(megabytes: 8).path, evaluator: nil, runner: nil)
    #expect(travelled.taken == 0 && travelled.found == 0)
    #expect(travelled.byRPC >= 24 && travelled.byRPC < 26, "\(travelled)")
    #expect(travelled.failures == 0)
  }

  @Test("a volume that only one side has costs time, and fails nothing") func oneSided() async throws {
    let runner = try await measure(try Self.task(megabytes: 8).path, evaluator: nil, runner: "v")
    #expect(runner.taken == 0 && runner.found == 16)
    #expect(runner.byRPC >= 8 && runner.byRPC < 10, "\(runner)")
    let evaluator = try await measure(try Self.task(megabytes: 8).path, evaluator: "v", runner: nil)
    #expect(evaluator.taken == 0 && evaluator.found == 0 && evaluator.byRPC >= 24, "\(evaluator)")
    #expect(runner.failures == 0 && evaluator.failures == 0)
  }

  /// The evaluator finds something else under the digest than the runner has published.
  @Test("a volume that lies costs time, and fails nothing") func hostile() async throws {
    let (task, digest) = try Self.task(megabytes: 8)
    let travelled = try await measure(task, evaluator: "theirs", runner: "ours") { folder in
      try Data(count: 8 << 20).write(to: URL(filePath: "\(folder)/\(digest)"))
    }
    #expect(travelled.taken == 0 && travelled.found == 16, "\(travelled)")
    #expect(travelled.byRPC >= 8 && travelled.byRPC < 10, "\(travelled)")
    #expect(travelled.failures == 0)
  }
}
