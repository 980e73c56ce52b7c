import AssayCertificates
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCNNG
import Foundation
import Glibc
import Logging

/// Authenticated calls, client and server in processes of their own, beside plain C nng and beside grpc-swift-2.
struct CallBenchmark {
  private static let echo = MethodDescriptor(
    "/assay.bench/Echo", roles: [.operator], idempotent: true, anyPeer: false)
  private static let count = MethodDescriptor(
    "/assay.bench/Count", roles: [.operator], idempotent: true, anyPeer: false, streaming: true)
  static let seconds = 1.0
  static let rounds = 3

  // MARK: The server

  static func serve(address: String, keys: String) async throws {
    var router = RPCRouter()
    router.register(echo) { (request: RunnerV1.GetBlobResponse, _) in request }
    router.registerStream(count) { (request: RunnerV1.GetBlobResponse, cursor: StreamCursor, _) in
      let first = cursor.after + 1
      return StreamPage((first..<first + UInt64(cursor.maximumMessages)).map { StreamElement($0, request) })
    }
    let client = try IdentityKey.load(from: keys + "/client.key").publicIdentity
    var logger = Logger(label: "bench")
    logger.logLevel = .error
    try await RPCServer(
      transport: try NNGServerTransport(address: address, tls: credentials(address, keys)), router: router,
      identity: try IdentityKey.load(from: keys + "/server.key"),
      trust: try TrustStore([.init(name: "bench", roles: [.operator], identity: client)]),
      configuration: .init(name: "bench"), logger: logger
    ).run()
  }

  private static func credentials(_ address: String, _ keys: String) throws -> TLSCredentials? {
    guard address.hasPrefix("tls") else { return nil }
    return try .load(authorities: keys + "/ca.pem", certificate: keys + "/cert.pem")
  }

  // MARK: The rounds

  private let folder: URL
  private let key = IdentityKey()
  private let server = IdentityKey()
  private let floor: URL
  private let grpc: URL?

  private init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "assay-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try server.save(to: folder.path + "/server.key")
    try key.save(to: folder.path + "/client.key")
    let authority = try CertificateAuthority(name: "bench")
    try authority.certificatePEM.write(toFile: folder.path + "/ca.pem", atomically: true, encoding: .utf8)
    try authority.issue(name: "bench", hosts: ["127.0.0.1"], lifetime: .seconds(86400)).pem
      .write(toFile: folder.path + "/cert.pem", atomically: true, encoding: .utf8)
    floor = Self.own.deletingLastPathComponent().appending(path: "nng-floor")
    let grpc = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "GRPCSwift/.build/release/grpc-floor")
    self.grpc = FileManager.default.isExecutableFile(atPath: grpc.path) ? grpc : nil
  }

  private static let own = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "assay-bench")

  static func run() async throws {
    let benchmark = try CallBenchmark()
    defer { try? FileManager.default.removeItem(at: benchmark.folder) }
    report("\nunary calls (medians of \(rounds) alternating rounds of \(seconds) s; us are p50 / p99)")
    report(
      "| over | bytes | callers | C nng us, calls/s | grpc-swift-2 us, calls/s | Assay us, calls/s | of C nng | times grpc |"
    )
    report("|---|---|---|---|---|---|---|---|")
    for scheme in ["ipc", "tcp", "tls+tcp"] { try await benchmark.unary(scheme) }
    report("\na stream (medians of \(rounds) rounds of \(seconds) s)")
    report("| over | bytes | grpc-swift-2 messages/s | Assay messages/s | times grpc |")
    report("|---|---|---|---|---|")
    for scheme in ["ipc", "tcp", "tls+tcp"] { try await benchmark.stream(scheme) }
  }

  static func own(over scheme: String, bytes: Int, callers: Int, seconds: Double) async throws {
    let benchmark = try CallBenchmark()
    defer { try? FileManager.default.removeItem(at: benchmark.folder) }
    try await benchmark.serving(scheme) { ours, _, _ in
      let rpc = try benchmark.client(ours)
      defer { rpc.close() }
      let seen = try await measure(rpc, callers: callers, bytes: bytes, seconds: seconds)
      report("p50 \(cell(seen[0])) us, p99 \(cell(seen[1])) us, \(cell(seen[2])) calls/s")
    }
  }

  private func address(_ scheme: String, _ name: String) -> String {
    scheme == "ipc"
      ? "ipc://\(folder.path)/\(name)" : "\(scheme)://127.0.0.1:\(UInt16.random(in: 20_000..<32_000))"
  }

  /// Starts the servers of a scheme, and runs `body` with their addresses; grpc-swift-2 has none over TLS here.
  private func serving(
    _ scheme: String, _ body: (_ ours: String, _ floor: String, _ grpc: String?) async throws -> Void
  )
    async throws
  {
    let (ours, plain) = (address(scheme, "ours"), address(scheme, "floor"))
    let theirs = grpc.flatMap { _ in scheme == "tls+tcp" ? nil : address(scheme, "grpc") }
    var servers = [try spawn(Self.own, ["serve", ours, folder.path]), try spawn(floor, ["serve", plain])]
    if let grpc, let theirs { servers.append(try spawn(grpc, ["serve", theirs])) }
    defer { for server in servers { kill(server.processIdentifier, SIGKILL) } }
    try await Task.sleep(for: .milliseconds(500))
    try await body(ours, plain, theirs)
  }

  private func client(_ address: String) throws -> RPCClient {
    RPCClient(
      transport: try NNGClientTransport(address: address, tls: Self.credentials(address, folder.path)),
      credentials: ClientCredentials(key: key, server: server.publicIdentity))
  }

  private func unary(_ scheme: String) async throws {
    try await serving(scheme) { ours, plain, theirs in
      let rpc = try client(ours)
      defer { rpc.close() }
      for bytes in [100, 65536] {
        for callers in [1, 16, 64] {
          var rounds: [[[Double]]] = [[], [], []]
          let asked = ["\(callers)", "\(Self.seconds)", "\(bytes)"]
          for _ in 0..<Self.rounds {
            rounds[0].append(try output(floor, ["call", plain] + asked))
            if let grpc, let theirs { rounds[1].append(try output(grpc, ["call", theirs] + asked)) }
            rounds[2].append(try await Self.measure(rpc, callers: callers, bytes: bytes))
          }
          let median = rounds.map { rounds in
            (0..<3).map { index in rounds.map { $0[index] }.sorted().dropFirst(rounds.count / 2).first ?? .nan
            }
          }
          func cells(_ index: Int) -> String {
            let of = median[index]
            return of[2].isNaN ? "-" : "\(cell(of[0])) / \(cell(of[1])), \(cell(of[2]))"
          }
          report(
            "| \(scheme) | \(bytes) | \(callers) | \(cells(0)) | \(cells(1)) | \(cells(2)) | \(cell(median[2][2] / median[0][2], 2)) | \(cell(median[2][2] / median[1][2], 1)) |"
          )
        }
      }
    }
  }

  private static func measure(_ rpc: RPCClient, callers: Int, bytes: Int, seconds: Double = seconds)
    async throws -> [Double]
  {
    var request = RunnerV1.GetBlobResponse()
    request.data = [UInt8](repeating: 120, count: bytes)
    let message = request
    let began = ContinuousClock.now
    let end = began + .seconds(seconds)
    let samples = try await withThrowingTaskGroup(of: Samples.self) { group in
      for _ in 0..<callers {
        group.addTask(executorPreference: rpc.executor) {
          var samples = Samples()
          while ContinuousClock.now < end {
            try await samples.measure {
              let _: RunnerV1.GetBlobResponse = try await rpc.call(
                echo, message, CallOptions(timeout: .seconds(10), waitForReady: true))
            }
          }
          return samples
        }
      }
      return try await group.reduce(Samples(), +)
    }
    let elapsed = began.duration(to: .now) / .seconds(1)
    return [samples.microseconds(0.5), samples.microseconds(0.99), Double(samples.count) / elapsed]
  }

  private func stream(_ scheme: String) async throws {
    try await serving(scheme) { ours, _, theirs in
      let rpc = try client(ours)
      defer { rpc.close() }
      for bytes in [100, 65536] {
        var rounds: [[Double]] = [[], []]
        for _ in 0..<Self.rounds {
          if let grpc, let theirs {
            rounds[0] += try output(grpc, ["stream", theirs, "\(Self.seconds)", "\(bytes)"])
          }
          rounds[1].append(try await Self.pull(rpc, bytes: bytes))
        }
        let median = rounds.map { $0.sorted().dropFirst($0.count / 2).first ?? .nan }
        report(
          "| \(scheme) | \(bytes) | \(cell(median[0])) | \(cell(median[1])) | \(cell(median[1] / median[0], 1)) |"
        )
      }
    }
  }

  private static func pull(_ rpc: RPCClient, bytes: Int) async throws -> Double {
    var request = RunnerV1.GetBlobResponse()
    request.data = [UInt8](repeating: 120, count: bytes)
    let began = ContinuousClock.now
    let end = began + .seconds(seconds)
    var received = 0
    let messages = RPCStream<RunnerV1.GetBlobResponse>(rpc, count, request, after: 0, CallOptions())
    for try await _ in messages {
      received += 1
      if received.isMultiple(of: 64), ContinuousClock.now >= end { break }
    }
    return Double(received) / (began.duration(to: .now) / .seconds(1))
  }

  // MARK: Programs

  private func environment() -> [String: String] {
    ProcessInfo.processInfo.environment.merging(
      ["FLOOR_CA": folder.path + "/ca.pem", "FLOOR_CERT": folder.path + "/cert.pem"]) { $1 }
  }

  private func spawn(_ program: URL, _ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment()
    try process.run()
    return process
  }

  /// The numbers that a program prints.
  private func output(_ program: URL, _ arguments: [String]) throws -> [Double] {
    let pipe = Pipe()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
  }
}
