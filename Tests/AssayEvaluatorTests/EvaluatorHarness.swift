import AssayArtifacts
import AssayIdentity
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import AssayStore
import AssayTask
import Foundation
import Logging
import Testing

@testable import AssayEvaluator

/// A running evaluator with clients of every role.
struct EvaluatorHarness: Sendable {
  let bench: Bench
  let evaluator: Evaluator
  let server: TestServer

  static let run = "run-1"

  var agent: EvaluatorServiceClient { EvaluatorServiceClient(server.clients["agent/model"]) }
  var otherAgent: EvaluatorServiceClient { EvaluatorServiceClient(server.clients["agent/opt"]) }
  var user: EvaluatorServiceClient { EvaluatorServiceClient(server.clients["operator"]) }
  func key(_ name: String) -> IdentityKey { server.keys[name] ?? IdentityKey() }
  func runner(_ slot: String = "one/0") -> ScriptedRunner {
    ScriptedRunner(client: JobServiceClient(server.clients["runner/one"]), slot: slot, key: key("runner/one"))
  }
  func otherRunner(_ slot: String = "two/0") -> ScriptedRunner {
    ScriptedRunner(client: JobServiceClient(server.clients["runner/two"]), slot: slot, key: key("runner/two"))
  }

  /// Opens the bench's state folder, serves it, and runs the evaluator's own work and, if wanted, a runner beside the body.
  static func with<Value: Sendable>(
    _ bench: Bench, clock: EvaluatorClock = .system, works: Bool = true, lineage: LineageServiceClient? = nil,
    volume: ArtifactVolume? = nil,
    script: (@Sendable (RunnerV1.Job, String) -> ScriptedRunner.Behaviour)? = nil,
    _ body: @escaping @Sendable (EvaluatorHarness) async throws -> Value
  ) async throws -> Value {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var configuration = bench.configuration(clock: clock)
    configuration.lineage = lineage
    configuration.artifactVolume = volume
    let evaluator = try await Evaluator.open(configuration, logger: logger)
    let value = try await withTestServer(
      router: evaluator.makeRouter(),
      identities: [
        "agent/model": .agent, "agent/opt": .agent, "operator": .operator, "runner/one": .runner,
        "runner/two": .runner,
        "observer": .observer,
      ], identity: bench.key
    ) { server in
      let harness = EvaluatorHarness(bench: bench, evaluator: evaluator, server: server)
      return try await withThrowingTaskGroup(of: Value?.self) { group in
        if works {
          group.addTask {
            try await evaluator.run()
            return nil
          }
        }
        if let script {
          group.addTask {
            do { try await harness.runner("scripted/0").work(script) } catch {
              if !Task.isCancelled { throw error }
            }
            return nil
          }
        }
        group.addTask { try await body(harness) }
        var value: Value?
        while value == nil, let ended = try await group.next() { value = ended }
        group.cancelAll()
        while await group.nextResult() != nil {}
        return try #require(value)
      }
    }
    // Its folder can be opened again only once it is closed.
    await evaluator.store.close()
    return value
  }

  func open(
    maxTrials: UInt32 = 0, bounds: EvaluatorV1.RunBounds? = nil, arm: EvaluatorV1.Arm? = nil
  ) async throws {
    var request = EvaluatorV1.OpenRunRequest()
    request.runId = Self.run
    request.taskName = bench.owned.task.name
    request.maxTrials = maxTrials
    request.lineageEnabled = true
    request.bounds = bounds
    request.arm = arm
    _ = try await user.openRun(request, CallOptions(timeout: .seconds(10)))
  }

  func state(until condition: @Sendable (EvaluatorV1.RunState) -> Bool = { _ in true }) async throws
    -> EvaluatorV1.RunState
  {
    var request = EvaluatorV1.GetRunStateRequest()
    request.runId = Self.run
    while true {
      let state = try #require(try await user.getRunState(request, CallOptions(timeout: .seconds(40))).state)
      if condition(state) { return state }
      request.afterVersion = state.version
      request.waitMs = 20_000
    }
  }

  func openAccepting(
    maxTrials: UInt32 = 0, bounds: EvaluatorV1.RunBounds? = nil, arm: EvaluatorV1.Arm? = nil
  ) async throws {
    try await open(maxTrials: maxTrials, bounds: bounds, arm: arm)
    let state = try await state { $0.phase != .measuringBaseline }
    try #require(state.phase == .accepting, "\(state.reason)")
  }

  static func request(_ edit: [UInt8], specialist: String = "model", parent: UInt32 = 0)
    -> EvaluatorV1.SubmitTrialRequest
  {
    var request = EvaluatorV1.SubmitTrialRequest()
    request.runId = run
    var proposal = AgentV1.Proposal()
    proposal.specialist = specialist
    proposal.parent = parent
    proposal.hypothesis = "It helps."
    proposal.edit = edit
    request.proposal = proposal
    return request
  }

  @discardableResult func submit(
    _ edit: [UInt8], key: String = UUID().uuidString, specialist: String = "model", parent: UInt32 = 0
  ) async throws(RPCError) -> UInt32 {
    let client = specialist == "opt" ? otherAgent : agent
    return try await client.submitTrial(
      Self.request(edit, specialist: specialist, parent: parent),
      CallOptions(timeout: .seconds(10), idempotencyKey: key)
    ).trial
  }

  func verdict(_ trial: UInt32) async throws -> EvaluatorV1.WaitVerdictResponse {
    var request = EvaluatorV1.WaitVerdictRequest()
    request.runId = Self.run
    request.trial = trial
    request.waitMs = 20_000
    while true {
      let answer = try await agent.waitVerdict(request, CallOptions(timeout: .seconds(40)))
      if answer.decided { return answer }
    }
  }
}
