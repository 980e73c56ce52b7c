import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCNNG
import AssayServices
import Foundation
import Glibc
import Testing

/// A lineage service of its own, with its record on a file system of a chosen size where that matters.
struct LineageProcess {
  let folder: String
  private let program: Running
  private let client: RPCClient
  private let evaluator: IdentityKey
  private let isMounted: Bool

  private var service: LineageServiceClient { LineageServiceClient(client) }

  static func start(megabytes: Int? = nil) async throws -> LineageProcess {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-l-\(UUID().uuidString.prefix(8))"
    ).path
    try FileManager.default.createDirectory(atPath: folder + "/state", withIntermediateDirectories: true)
    if let megabytes {
      let mounted = try await Program.run(
        "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "none", folder + "/state"])
      try #require(mounted.status == 0, "\(mounted.errors)")
    }
    let (server, evaluator) = (IdentityKey(), IdentityKey())
    try server.save(to: folder + "/key")
    try TrustStore([
      .init(name: "evaluator", roles: [.evaluator, .operator], identity: evaluator.publicIdentity)
    ])
    .save(to: folder + "/trust.json")
    let program = try Running("assay-lineage", arguments(folder, state: folder + "/state"))
    let client = RPCClient(
      transport: try NNGClientTransport(address: "ipc://\(folder)/s"),
      credentials: ClientCredentials(key: evaluator, server: server.publicIdentity))
    return LineageProcess(
      folder: folder, program: program, client: client, evaluator: evaluator, isMounted: megabytes != nil)
  }

  private static func arguments(_ folder: String, state: String) -> [String] {
    [
      "--listen", "ipc://\(folder)/s", "--key", folder + "/key", "--trust", folder + "/trust.json", "--state",
      state,
    ]
  }

  /// What another one at the same address would be started with.
  func arguments(state: String) -> [String] { Self.arguments(folder, state: state) }

  func register(_ run: String) async throws {
    var request = LineageV1.RegisterRunRequest()
    request.run = LineageV1.Run()
    request.run?.runId = run
    request.run?.metric = LineageV1.Metric()
    request.run?.metric?.direction = .minimize
    request.run?.evaluatorKey = evaluator.publicIdentity.bytes
    _ = try await service.registerRun(request, CallOptions(timeout: .seconds(30), waitForReady: true))
  }

  func append(_ text: String, to run: String) async throws {
    var request = LineageV1.AppendInsightRequest()
    request.runId = run
    request.insight = AgentV1.Insight()
    request.insight?.text = text
    _ = try await service.appendInsight(request, CallOptions(timeout: .seconds(3)))
  }

  /// How many lessons are in the record of a run.
  func lessons(of run: String) async throws -> Int {
    var request = LineageV1.GetRunRequest()
    request.runId = run
    let last = try await service.getRun(request).sequence
    var follow = LineageV1.FollowEventsRequest()
    follow.runId = run
    var count = 0
    for try await element in service.followEvents(follow) {
      if element.message.event?.kind == .insightRecorded { count += 1 }
      if element.sequence >= last { break }
    }
    return count
  }

  func grow(megabytes: Int) async throws {
    let grown = try await Program.run(
      "/usr/bin/mount", ["-o", "remount,size=\(megabytes)m", folder + "/state"])
    try #require(grown.status == 0, "\(grown.errors)")
  }

  /// Asks it to end; returns its status.
  func stop() async throws -> Int32 {
    client.close()
    program.signal(SIGTERM)
    return try await program.ended().status
  }

  func remove() {
    client.close()
    program.signal(SIGKILL)
    if isMounted { umount2(folder + "/state", Int32(MNT_DETACH)) }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
