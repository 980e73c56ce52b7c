import AssayMessages
import AssayPatch
import AssayRPC
import Foundation
import Logging
import Synchronization
import Testing

@testable import AssayAgent

@Suite struct SpecialistAgentTests {
  private func agent(
    _ services: FakeServices, lineage: Bool = true, seed: UInt64 = 1, specialist: String = "opt",
    pause: @escaping @Sendable (Duration) async throws -> Void = { _ in await Task.yield() }
  ) throws -> SpecialistAgent {
    SpecialistAgent(
      configuration: AgentConfiguration(specialist: specialist, run: "r"), evaluator: services,
      lineage: lineage ? services : nil, proposer: EvolveProposer(reader: try RecipeReader(), seed: seed),
      logger: Logger(label: "test"), pause: pause)
  }

  @Test(.timeLimit(.minutes(2))) func itWorksUntilTheRunEnds() async throws {
    let services = try FakeServices()
    try await agent(services).run()
    let entries = services.state.withLock(\.entries)
    #expect(entries.map(\.key) == ["r/opt/0", "r/opt/1", "r/opt/2", "r/opt/3"])
    #expect(Set(entries.map(\.recipe)).count == 4)
    for entry in entries {
      #expect(entry.proposal.specialist == "opt")
      #expect(!entry.proposal.hypothesis.isEmpty && !entry.proposal.motive.isEmpty)
      #expect(Double(entry.proposal.expectedDelta) != nil)
    }
  }

  @Test(.timeLimit(.minutes(2))) func servicesThatGoAwayAreWaitedFor() async throws {
    let services = try FakeServices()
    let gone = RPCError(.unavailable, "nobody there")
    services.state.withLock { state in
      for method in [
        "describeTask", "getRunState", "submitTrial", "waitVerdict", "listTrials", "followEvents",
      ] {
        state.failures[method] = [gone, gone, RPCError(.deadlineExceeded, "late")]
      }
    }
    try await agent(services).run()
    #expect(services.state.withLock { $0.entries.count } == 4)
    #expect(services.state.withLock { $0.failures.values.allSatisfy(\.isEmpty) })
  }

  /// A recipe that was tried before, but for its comments: the agent thinks of another one.
  @Test(.timeLimit(.minutes(2))) func aDuplicateIsNotSubmittedForEver() async throws {
    let services = try FakeServices()
    let refusal = RPCError(.alreadyExists, reason: "DUPLICATE_RECIPE", "trial 0 has this recipe")
    services.state.withLock { $0.failures["submitTrial"] = [refusal, refusal] }
    try await agent(services).run()
    #expect(
      services.state.withLock { $0.entries.map(\.key) } == ["r/opt/0", "r/opt/1", "r/opt/2", "r/opt/3"])
  }

  @Test(.timeLimit(.minutes(2))) func aLostAnswerIsNotASecondSubmission() async throws {
    let services = try FakeServices()
    services.state.withLock { $0.answersToLose = 2 }
    try await agent(services).run()
    let entries = services.state.withLock(\.entries)
    #expect(entries.count == 4)
    #expect(Set(entries.map(\.key)).count == 4)
  }

  /// Killed after submitting and started again: with a lineage that shows the trial, or does not show it yet.
  @Test(.timeLimit(.minutes(2)), arguments: [true, false]) func anAgentRestartedMidTrialDoesNotSubmitTwice(
    _ shown: Bool
  ) async throws {
    struct Killed: Error {}
    let services = try FakeServices()
    services.state.withLock {
      $0.shows = shown
      $0.failures["waitVerdict"] = [RPCError(.unavailable, "the agent dies here")]
    }
    await #expect(throws: Killed.self) { try await agent(services, pause: { _ in throw Killed() }).run() }
    #expect(services.state.withLock { $0.entries.count } == 1)
    services.state.withLock {
      $0.entries[0].decided = false
      $0.maximum = 2
      $0.shows = true
    }
    // The lineage catches up while the new process waits.
    try await agent(services, pause: { _ in services.state.withLock { $0.entries[0].shown = true } }).run()
    let entries = services.state.withLock(\.entries)
    #expect(entries.count == 2)
    #expect(entries.map(\.key) == ["r/opt/0", "r/opt/1"])
  }

  /// A proposer that never makes the same proposal twice, killed at the worst moments: with the journal, what was noted is
  /// submitted, once, with and without a lineage.
  @Test(.timeLimit(.minutes(2)), arguments: [true, false], ["submitTrial", "waitVerdict"])
  func aKilledAgentSaysTheSameAgain(_ lineage: Bool, _ dies: String) async throws {
    struct Killed: Error {}
    let services = try FakeServices()
    let journal = SubmissionFile(
      FileManager.default.temporaryDirectory.appending(path: "assay-pending-\(UUID().uuidString)"))
    defer { journal.clear() }
    let proposer = RestlessProposer()
    func agent(_ pause: @escaping @Sendable (Duration) async throws -> Void) -> SpecialistAgent {
      SpecialistAgent(
        configuration: AgentConfiguration(specialist: "opt", run: "r"), evaluator: services,
        lineage: lineage ? services : nil, proposer: proposer, journal: journal,
        logger: Logger(label: "test"),
        pause: pause)
    }
    services.state.withLock {
      $0.maximum = 2
      $0.answersToLose = dies == "submitTrial" ? 1 : 0
      $0.failures["waitVerdict"] =
        dies == "waitVerdict" ? [RPCError(.unavailable, "the agent dies here")] : []
    }
    await #expect(throws: Killed.self) { try await agent { _ in throw Killed() }.run() }
    let first = services.state.withLock(\.entries)
    #expect(first.count == 1)
    #expect((journal.pending() == nil) == (dies == "waitVerdict"))
    try await agent { _ in await Task.yield() }.run()
    let entries = services.state.withLock(\.entries)
    #expect(entries.map(\.key) == ["r/opt/0", "r/opt/1"])
    #expect(entries.first?.recipe == first.first?.recipe)
    #expect(journal.pending() == nil)
    if dies == "submitTrial" { #expect(proposer.made.withLock { $0 } == 2, "a proposal is paid for once") }
  }

  @Test(.timeLimit(.minutes(2))) func withoutLineageNothingOfItIsRead() async throws {
    let services = try FakeServices()
    try await agent(services, lineage: false).run()
    let first = services.state.withLock(\.entries)
    #expect(first.count == 4)
    #expect(first.allSatisfy { $0.proposal.parent == 0 })
    #expect(services.state.withLock(\.lineageReads) == 0)
    // Started again it repeats itself, which the keys make harmless, and goes on behind.
    services.state.withLock { $0.maximum = 6 }
    try await agent(services, lineage: false).run()
    let second = services.state.withLock(\.entries)
    #expect(second.count == 6)
    #expect(Array(second.map(\.recipe).prefix(4)) == first.map(\.recipe))
    #expect(Set(second.map(\.recipe)).count == 6)
  }

  @Test(.timeLimit(.minutes(2))) func anUnknownPartitionIsSaid() async throws {
    let services = try FakeServices()
    do {
      try await agent(services, specialist: "nobody").run()
      Issue.record("an agent without a partition went to work")
    } catch let error as AgentError {
      #expect(error.code == .refused && error.message.contains("'opt'"))
    }
  }

  @Test(.timeLimit(.minutes(2))) func aRefusalEndsTheAgent() async throws {
    let services = try FakeServices()
    services.state.withLock { $0.failures["getRunState"] = [RPCError(.permissionDenied, "not in this role")] }
    await #expect(throws: AgentError.self) { try await agent(services).run() }
  }

  @Test(.timeLimit(.minutes(2))) func aClosedRunEndsTheAgent() async throws {
    let services = try FakeServices()
    services.state.withLock { $0.phase = .draining }
    try await agent(services).run()
    #expect(services.state.withLock { $0.entries.isEmpty })
  }

  @Test func aSnapshotThatIsNotWhatWasAskedForIsNotBelieved() async throws {
    let services = try FakeServices()
    let other = try Fixtures.tree(["recipe.py": "X = 1\n"])
    services.state.withLock {
      $0.entries = [
        .init(key: "k", proposal: .with { $0.specialist = "opt" }, recipe: other, decided: true, shown: true)
      ]
    }
    var mirror = LineageMirror(run: "r", port: LyingLineage(services))
    try await mirror.refresh()
    #expect(mirror.trials[1] != nil)
    #expect(mirror.trials[1]?.recipe == nil)
  }
}

/// Changes a number to one that it never used.
private final class RestlessProposer: Proposer {
  let made = Mutex(0)

  func propose(_ state: ResearchState) async throws(AgentError) -> RecipeProposal {
    let number = made.withLock { made in
      made += 1
      return made
    }
    let text = state.task.baseline.text("recipe.py") ?? ""
    guard
      let recipe = try? Fixtures.tree([
        "recipe.py": text.replacing("STEPS = 100", with: "STEPS = 10\(number)")
      ])
    else { throw AgentError(.badState, "no recipe") }
    return RecipeProposal(
      parent: 0, recipe: recipe, hypothesis: "A number that nobody tried.", expectedDelta: 0, motive: "llm")
  }
}

/// A lineage that serves other bytes than were asked for.
private struct LyingLineage: LineagePort {
  private let honest: FakeServices
  init(_ honest: FakeServices) { self.honest = honest }

  func listTrials(
    _ request: LineageV1.ListTrialsRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.ListTrialsResponse { try await honest.listTrials(request, options) }
  func getTrial(
    _ request: LineageV1.GetTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetTrialResponse { try await honest.getTrial(request, options) }
  func followEvents(
    _ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ options: CallOptions
  ) async throws(RPCError) -> StreamPage<LineageV1.FollowEventsResponse> {
    try await honest.followEvents(request, cursor, options)
  }
  func getSnapshot(
    _ request: LineageV1.GetSnapshotRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetSnapshotResponse {
    var answer = try await honest.getSnapshot(request, options)
    answer.snapshot?.files[0].content += Array("# more\n".utf8)
    return answer
  }
}
