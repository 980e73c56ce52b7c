import AssayMessages
import AssayRPC
import Logging
import Synchronization
import Testing

@testable import AssayAgent

/// When an analyst with sessions looks, and what it does when one fails.
@Suite(.timeLimit(.minutes(1))) struct AnalystSessionsTests {
  /// Sessions that end as told, each with the number of the verdicts that it saw.
  private final class Script: AnalystSessions {
    typealias Step = @Sendable (@Sendable (Lesson) async throws -> Void) async throws(AgentError) -> Void
    let seen = Mutex<[Int]>([])
    private let start: Int
    private let steps: [Step]

    init(covered: Int = 0, _ steps: [Step]) {
      start = covered
      self.steps = steps
    }

    func covered(in run: String, by analyst: String) -> Int { start }

    func analyse(
      _ state: ResearchState, write: @escaping @Sendable (Lesson) async throws -> Void
    ) async throws(AgentError) {
      let number = seen.withLock { seen in
        seen.append(state.iteration)
        return seen.count
      }
      guard number <= steps.count else { throw AgentError(.budgetExhausted, "nothing is left") }
      try await steps[number - 1](write)
    }
  }

  private func add(_ count: Int, to services: FakeServices) {
    services.state.withLock { state in
      for _ in 0..<count {
        state.entries.append(
          .init(
            key: "\(state.entries.count)", proposal: AgentV1.Proposal.with { $0.specialist = "opt" },
            recipe: state.baseline, decided: true, shown: true))
      }
    }
  }

  private func services(_ count: Int) throws -> FakeServices {
    let services = try FakeServices()
    services.state.withLock { $0.maximum = 1000 }
    add(count, to: services)
    return services
  }

  private func run(
    _ services: FakeServices, _ script: Script
  ) async throws -> [Duration] {
    let kept = Pauses()
    try await AnalystAgent(
      configuration: AgentConfiguration(specialist: "meta", run: "r"), evaluator: services, lineage: services,
      sessions: script, every: 5, logger: Logger(label: "test"), pause: { kept.add($0) }
    ).run()
    return kept.all
  }

  private final class Pauses: Sendable {
    private let state = Mutex<[Duration]>([])
    var all: [Duration] { state.withLock(\.self) }
    func add(_ pause: Duration) { state.withLock { $0.append(pause) } }
  }

  @Test func afterAFailureItWaitsAndLooksAgainAndEachLookIsAfterSoManyVerdicts() async throws {
    let services = try services(10)
    services.state.withLock { $0.failures["appendInsight"] = [RPCError(.unavailable, "restarting")] }
    let fails: Script.Step = { _ throws(AgentError) in throw AgentError(.noProposal, "no model answered") }
    let writes: Script.Step = { write throws(AgentError) in
      do {
        try await write(Lesson(text: String(repeating: "ü", count: 600), trials: Array(1...40)))
      } catch {
        throw AgentError(.badState, "\(error)")
      }
      self.add(6, to: services)
    }
    let script = Script([fails, fails, writes])
    let pauses = try await run(services, script)
    #expect(script.seen.withLock(\.self) == [10, 10, 10, 16])
    // Two failed sessions, and a lineage that restarts.
    #expect(pauses == [.seconds(1), .seconds(2), .milliseconds(250)])
    let insights = services.state.withLock(\.insights)
    #expect(insights.count == 1 && insights.first?.specialist == "meta")
    #expect(insights.first?.text.utf8.count == Lesson.maximumBytes && insights.first?.trials.count == 32)
    #expect(services.state.withLock { $0.calls["submitTrial"] } == nil)
  }

  @Test(arguments: [(16, false), (17, true)]) func whatAnEarlierProcessLookedAtIsNotLookedAtAgain(
    _ verdicts: Int, _ looks: Bool
  ) async throws {
    let services = try services(verdicts)
    let script = Script(covered: 12, [])
    try await withThrowingTaskGroup { group in
      group.addTask { _ = try await self.run(services, script) }
      group.addTask {
        // The run ends once the analyst has read the record and found nothing to do.
        while script.seen.withLock(\.isEmpty),
          services.state.withLock({ $0.calls["followEvents", default: 0] }) < 2
        {
          await Task.yield()
        }
        if !looks { services.state.withLock { $0.phase = .finished } }
      }
      try await group.waitForAll()
    }
    #expect(script.seen.withLock(\.self) == (looks ? [verdicts] : []))
  }
}
