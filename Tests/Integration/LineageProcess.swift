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

  /// The folder of the record.
  var state: String { folder + "/state" }
  /// What it was started with besides.
  private let options: [String]
  private let server: IdentityKey

  /// - Parameters:
  ///   - options: besides the usual ones.
  ///   - prepare: gets the folder of the record before it is started.
  static func start(
    megabytes: Int? = nil, options: [String] = [], environment: [String: String] = [:],
    prepare: (String) throws -> Void = { _ in }
  ) async throws -> LineageProcess {
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
    try prepare(folder + "/state")
    return try LineageProcess(
      folder: folder, server: server, evaluator: evaluator, isMounted: megabytes != nil, options: options,
      environment: environment)
  }

  private init(
    folder: String, server: IdentityKey, evaluator: IdentityKey, isMounted: Bool, options: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    self.folder = folder
    self.server = server
    self.evaluator = evaluator
    self.isMounted = isMounted
    self.options = options
    program = try Running(
      "assay-lineage", Self.arguments(folder, state: folder + "/state") + options, environment: environment)
    client = RPCClient(
      transport: try NNGClientTransport(address: "ipc://\(folder)/s"),
      credentials: ClientCredentials(key: evaluator, server: server.publicIdentity))
  }

  func signal(_ number: Int32) { program.signal(number) }

  /// Waits until its log fulfils a condition. False when it ended first.
  func errors(_ condition: (String) -> Bool) async -> Bool { await program.errors(fulfil: condition) }

  /// Kills it, and starts it again on the same record.
  func killed(environment: [String: String] = [:]) async throws -> LineageProcess {
    client.close()
    program.signal(SIGKILL)
    _ = try await program.ended()
    return try LineageProcess(
      folder: folder, server: server, evaluator: evaluator, isMounted: isMounted, options: options,
      environment: environment)
  }

  /// Kills it, and starts it again with other files in place of its record.
  func reborn(from files: String) async throws -> LineageProcess {
    client.close()
    program.signal(SIGKILL)
    _ = try await program.ended()
    try FileManager.default.removeItem(atPath: state)
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: files) where !name.hasSuffix(".dirty") {
      try FileManager.default.copyItem(atPath: "\(files)/\(name)", toPath: "\(state)/\(name)")
    }
    return try LineageProcess(
      folder: folder, server: server, evaluator: evaluator, isMounted: isMounted)
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
