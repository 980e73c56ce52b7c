import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import Logging
import Synchronization
import Testing

@testable import AssayAgent

/// The agent on the generated stubs, over real sessions.
@Suite struct AgentOverTheWireTests {
  private func router(_ services: FakeServices) -> RPCRouter {
    var router = RPCRouter()
    typealias Evaluator = EvaluatorServiceMethods
    router.register(Evaluator.describeTask) { (request: EvaluatorV1.DescribeTaskRequest, _: CallContext) in
      try await services.describeTask(request, CallOptions())
    }
    router.register(Evaluator.getRunState) { (request: EvaluatorV1.GetRunStateRequest, _: CallContext) in
      try await services.getRunState(request, CallOptions())
    }
    router.register(Evaluator.submitTrial) {
      (request: EvaluatorV1.SubmitTrialRequest, context: CallContext) in
      guard context.peer.name == "agent/\(request.proposal?.specialist ?? "")" else {
        throw RPCError(.permissionDenied, "another specialist's name")
      }
      return try await services.submitTrial(request, CallOptions(idempotencyKey: context.idempotencyKey))
    }
    router.register(Evaluator.waitVerdict) { (request: EvaluatorV1.WaitVerdictRequest, _: CallContext) in
      try await services.waitVerdict(request, CallOptions())
    }
    typealias Lineage = LineageServiceMethods
    router.register(Lineage.listTrials) { (request: LineageV1.ListTrialsRequest, _: CallContext) in
      try await services.listTrials(request, CallOptions())
    }
    router.register(Lineage.getTrial) { (request: LineageV1.GetTrialRequest, _: CallContext) in
      try await services.getTrial(request, CallOptions())
    }
    router.register(Lineage.getSnapshot) { (request: LineageV1.GetSnapshotRequest, _: CallContext) in
      try await services.getSnapshot(request, CallOptions())
    }
    router.registerStream(Lineage.followEvents) {
      (request: LineageV1.FollowEventsRequest, cursor: StreamCursor, _: CallContext) in
      try await services.followEvents(request, cursor, CallOptions())
    }
    return router
  }

  @Test(.timeLimit(.minutes(2)), arguments: [TestTransport.inProcess, .nngIPC])
  func aRunOverRealSessions(_ transport: TestTransport) async throws {
    let services = try FakeServices()
    try await withTestServer(
      router: router(services), identities: ["agent/opt": .agent, "watcher": .observer], transport: transport
    ) { server in
      func agent(_ name: String) throws -> SpecialistAgent {
        SpecialistAgent(
          configuration: AgentConfiguration(specialist: "opt", run: "r"),
          evaluator: EvaluatorServiceClient(server.clients[name]),
          lineage: LineageServiceClient(server.clients[name]),
          proposer: EvolveProposer(reader: try RecipeReader(), seed: 3), logger: Logger(label: "test"))
      }
      try await agent("agent/opt").run()
      #expect(services.state.withLock { $0.entries.map(\.key) } == (0..<4).map { "r/opt/\($0)" })
      // Who may only look cannot submit, and is told so instead of trying for ever.
      services.state.withLock { $0.maximum = 9 }
      await #expect(throws: AgentError.self) { try await agent("watcher").run() }
      #expect(services.state.withLock { $0.entries.count } == 4)
    }
  }
}
