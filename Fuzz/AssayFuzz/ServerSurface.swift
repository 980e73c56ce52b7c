import AssayIdentity
import AssayLineage
import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import Logging
import Synchronization

/// A whole server with the lineage's handlers on a real store: every message gets an answer, and only a known caller gets more
/// than a refusal.
final class ServerSurface: Surface {
  static let name = "server"
  static let weight = 2

  private let transport: InProcessTransport
  private let server: RPCServer
  private let caller: RawCaller
  private let client: any ClientTransport
  private let methods: [String]
  private let folder: URL
  private let running: Task<Void, Never>

  init() async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "assay-fuzz-\(UUID().uuidString)")
    let identity = IdentityKey()
    let key = IdentityKey()
    var router = RPCRouter()
    let store = try await LineageStore.open(in: folder.path)
    router.register(LineageServiceProvider(store: store, key: identity))
    transport = InProcessTransport()
    let server = RPCServer(
      transport: transport, router: router, identity: identity,
      trust: try TrustStore([
        .init(name: "fuzz", roles: [.agent, .evaluator, .operator, .observer], identity: key.publicIdentity)
      ]), configuration: .init(name: "fuzz"), logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
    self.server = server
    running = Task { try? await server.run() }
    client = transport.makeClient()
    caller = try await RawCaller(
      transport: transport.makeClient(),
      credentials: ClientCredentials(key: key, server: identity.publicIdentity))
    let service = "/assay.lineage.v1.LineageService/"
    methods =
      [
        "RegisterRun", "AppendTrial", "AppendVerdict", "AppendInsight", "FinishRun", "GetRun", "ListRuns",
        "GetTrial",
        "ListTrials", "GetSnapshot", "RenderView", "FollowEvents", "Summarize", "NoSuchMethod",
      ].map { service + $0 } + [
        BuiltInMethods.checkHealth.name, BuiltInMethods.getServerInfo.name, BuiltInMethods.watchHealth.name,
        BuiltInMethods.cancelCall.name, BuiltInMethods.begin.name, BuiltInMethods.finish.name,
      ]
  }

  var seeds: [[UInt8]] {
    var run = LineageV1.RegisterRunRequest()
    run.run = LineageV1.Run()
    run.run?.runId = "r"
    run.run?.metric = LineageV1.Metric()
    run.run?.metric?.direction = .minimize
    run.run?.evaluatorKey = [UInt8](repeating: 5, count: 32)
    var trial = LineageV1.AppendTrialRequest()
    trial.trial = LineageV1.Trial()
    trial.trial?.runId = "r"
    trial.trial?.proposal = AgentV1.Proposal()
    var list = LineageV1.ListTrialsRequest()
    (list.runId, list.view, list.pageSize) = ("r", .leaderboard, 3)
    var pull = RPCV1.StreamPull()
    pull.request = Array([0x0a, 1, 0x72])
    let payloads: [(Int, [UInt8])] = [
      (0, run.serialized()), (1, trial.serialized()), (8, list.serialized()), (11, pull.serialized()),
    ]
    let plain = payloads.map { [UInt8($0.0)] + $0.1 } + methods.indices.map { [UInt8($0), 0x0a, 1, 0x72] }
    // From 128 on: an envelope of the input's own making.
    let envelopes = methods.map { [0xff] + caller.request($0, [0x0a, 1, 0x72]).serialized() }
    return plain + envelopes
  }

  func consume(_ bytes: [UInt8]) async throws -> Bool {
    guard let first = bytes.first else { return false }
    let rest = Array(bytes.dropFirst())
    if first >= 128 {
      let answer = try await client.exchange(rest, timeout: .seconds(20))
      guard let envelope = try? RPCV1.ResponseEnvelope(serialized: answer) else {
        throw Finding("the server answered with bytes that are no envelope")
      }
      // Whoever has no session gets a handshake's offer or a refusal.
      let code = RPCStatus(rawValue: envelope.status?.code ?? 0)
      let refusals: [RPCStatus] = [.unauthenticated, .failedPrecondition, .resourceExhausted]
      let request = try? RPCV1.RequestEnvelope(serialized: rest)
      let isHandshake = request?.method.hasPrefix("/assay.rpc.v1.SessionService/") == true
      // The seeds' own envelopes are proven, until their counter was seen.
      guard refusals.contains(code) || isHandshake || caller.sealed(rest) else {
        throw Finding("a stranger got \(code) for \(request?.method ?? "")")
      }
      return code == .ok
    }
    let request = caller.request(methods[Int(first) % methods.count], rest, timeout: .milliseconds(200))
    let answer = try await caller.exchange(request, timeout: .seconds(20))
    guard caller.isAuthentic(answer, to: request) || answer.mac.isEmpty else {
      throw Finding("an answer to \(request.method) that is not authentic")
    }
    guard RPCStatus(rawValue: answer.status?.code ?? 0) != .unknown else {
      throw Finding("\(request.method) failed in a way that nobody thought of")
    }
    return answer.status?.code ?? 0 == 0
  }

  func close() async {
    server.beginGracefulShutdown()
    await running.value
    try? FileManager.default.removeItem(at: folder)
  }
}
