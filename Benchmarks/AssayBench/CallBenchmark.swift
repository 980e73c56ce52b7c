import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCNNG
import Foundation
import Logging

/// Authenticated unary calls over ipc, client and server in processes of their own, beside plain C nng.
enum CallBenchmark {
  static let method = MethodDescriptor(
    "/assay.bench/Echo", roles: [.operator], idempotent: true, anyPeer: false)
  static let seconds = 1.5
  static let rounds = 3

  static func serve(address: String, keys: String) async throws {
    var router = RPCRouter()
    router.register(method) { (request: RunnerV1.GetBlobResponse, _) in request }
    let client = try IdentityKey.load(from: keys + "/client.key").publicIdentity
    var logger = Logger(label: "bench")
    logger.logLevel = .error
    try await RPCServer(
      transport: try NNGServerTransport(address: address), router: router,
      identity: try IdentityKey.load(from: keys + "/server.key"),
      trust: try TrustStore([.init(name: "bench", roles: [.operator], identity: client)]),
      configuration: .init(name: "bench"), logger: logger
    ).run()
  }

  static func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (server, client) = (IdentityKey(), IdentityKey())
    try server.save(to: folder.path + "/server.key")
    try client.save(to: folder.path + "/client.key")
    let own = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let floor = own.deletingLastPathComponent().appending(path: "nng-floor")
    let (ours, theirs) = ("ipc://\(folder.path)/ours", "ipc://\(folder.path)/floor")
    let servers = [try spawn(own, ["serve", ours, folder.path]), try spawn(floor, ["serve", theirs])]
    defer { for server in servers { server.terminate() } }

    report("\nunary calls over ipc (medians of \(rounds) alternating rounds of \(seconds) s)")
    report(
      "| bytes | callers | C nng p50/p99 us, calls/s | Assay p50/p99 us, calls/s | p50 ratio | throughput ratio |"
    )
    report("|---|---|---|---|---|---|")
    let rpc = RPCClient(
      transport: try NNGClientTransport(address: ours),
      credentials: ClientCredentials(key: client, server: server.publicIdentity))
    defer { rpc.close() }
    for bytes in [100, 65536] {
      for callers in [1, 16, 64] {
        var (floorRounds, ourRounds): ([[Double]], [[Double]]) = ([], [])
        for _ in 0..<rounds {
          floorRounds.append(
            try output(floor, ["call", theirs, "\(callers)", "\(seconds)", "\(bytes)"]).split(separator: " ")
              .compactMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
          ourRounds.append(try await measure(rpc, callers: callers, bytes: bytes))
        }
        func median(_ rounds: [[Double]], _ index: Int) -> Double {
          rounds.map { $0[index] }.sorted()[rounds.count / 2]
        }
        let (f, o) = ((0..<3).map { median(floorRounds, $0) }, (0..<3).map { median(ourRounds, $0) })
        report(
          "| \(bytes) | \(callers) | \(cell(f[0])) / \(cell(f[1])), \(cell(f[2])) | \(cell(o[0])) / \(cell(o[1])), \(cell(o[2])) | \(cell(o[0] / f[0], 2)) | \(cell(o[2] / f[2], 2)) |"
        )
      }
    }
  }

  private static func measure(_ rpc: RPCClient, callers: Int, bytes: Int) async throws -> [Double] {
    var request = RunnerV1.GetBlobResponse()
    request.data = [UInt8](repeating: 120, count: bytes)
    let message = request
    let began = ContinuousClock.now
    let end = began + .seconds(seconds)
    let samples = try await withThrowingTaskGroup(of: Samples.self) { group in
      for _ in 0..<callers {
        group.addTask {
          var samples = Samples()
          while ContinuousClock.now < end {
            try await samples.measure {
              let _: RunnerV1.GetBlobResponse = try await rpc.call(
                method, message, CallOptions(timeout: .seconds(10), waitForReady: true))
            }
          }
          return samples
        }
      }
      return try await group.reduce(Samples(), +)
    }
    let elapsed = began.duration(to: .now)
    let total = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    return [samples.microseconds(0.5), samples.microseconds(0.99), Double(samples.count) / total]
  }

  private static func spawn(_ program: URL, _ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    try process.run()
    return process
  }

  private static func output(_ program: URL, _ arguments: [String]) throws -> String {
    let pipe = Pipe()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
