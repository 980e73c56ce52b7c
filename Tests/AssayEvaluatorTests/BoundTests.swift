import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import AssayVerdict
import Foundation
import Testing

@testable import AssayEvaluator

/// Bounds, stop rules, pauses and arms through the service.
@Suite("Bounds of a run", .timeLimit(.minutes(2)))
struct BoundTests {
  private func refusal(_ body: () async throws(RPCError) -> Void) async throws -> RPCError {
    do {
      try await body()
    } catch {
      return error
    }
    throw RPCError(.ok, "it was not refused")
  }

  private func bounds(_ fill: (inout EvaluatorV1.RunBounds) -> Void) -> EvaluatorV1.RunBounds {
    var bounds = EvaluatorV1.RunBounds()
    fill(&bounds)
    return bounds
  }

  private func spend(_ fill: (inout EvaluatorV1.Spend) -> Void) -> EvaluatorV1.Spend {
    var spend = EvaluatorV1.Spend()
    fill(&spend)
    return spend
  }

  /// The scripted runner says that each job takes a CPU second: a trial is one training and two predictions.
  @Test func cpuTimeIsReservedSettledAndStopsTheRun() async throws {
    let limits = bounds { $0.run = spend { $0.cpuMs = 5_000 } }
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "'crash'")))
      #expect(try await harness.state().spent?.cpuMs == 1_000)
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "0")))
      let state = try await harness.state()
      #expect(state.spent?.cpuMs == 4_000)
      #expect(state.spent?.trials == 2)
      #expect(state.reserved?.trials == 0)
      #expect(state.phase == .accepting)
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "-1")))
      let over = try await harness.state { $0.phase == .finished }
      #expect(over.stop == "budget")
      #expect(over.spent?.cpuMs == 7_000, "passed by less than one trial")
      let edit = try Bench.edit(width: "-2")
      let late = try await refusal { () async throws(RPCError) in try await harness.submit(edit) }
      #expect(late.reason == "RUN_CLOSED")
    }
  }

  @Test func whatIsInFlightIsSetAside() async throws {
    // A trial may use 10 s of training and 2 predictions of 5 s.
    let limits = bounds { $0.run = spend { $0.cpuMs = 20_001 } }
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
    }
    try await EvaluatorHarness.with(bench, works: false) { harness in
      try await harness.submit(try Bench.edit(width: "2"))
      try await harness.submit(try Bench.edit(width: "3"))
      #expect(try await harness.state().reserved?.cpuMs == 40_000)
      let edit = try Bench.edit(width: "4")
      let refused = try await refusal { () async throws(RPCError) in try await harness.submit(edit) }
      #expect(refused.code == .resourceExhausted)
      #expect(refused.reason == "BUDGET_RESERVED")
      #expect(refused.metadata["left"]?.contains("0 of 20 CPU seconds") == true, "\(refused.metadata)")
    }
  }

  @Test func aSpecialistHasABoundOfItsOwnAndTheRunEndsWhenAllHaveSpentTheirs() async throws {
    let limits = bounds {
      var each = EvaluatorV1.SpecialistBound()
      each.bound = spend { $0.trials = 2 }
      var opt = EvaluatorV1.SpecialistBound()
      opt.specialist = "opt"
      opt.bound = spend { $0.trials = 1 }
      $0.specialists = [each, opt]
    }
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
      _ = try await harness.verdict(
        try await harness.submit(try Bench.edit(lr: "2"), specialist: "opt"))
      let edit = try Bench.edit(lr: "3")
      let refused = try await refusal { () async throws(RPCError) in
        try await harness.submit(edit, specialist: "opt")
      }
      #expect(refused.reason == "BUDGET_SPENT")
      let state = try await harness.state()
      #expect(state.specialists.first { $0.specialist == "opt" }?.exhausted == true)
      #expect(state.specialists.first { $0.specialist == "model" }?.exhausted == false)
      for width in ["0", "-1"] {
        _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: width)))
      }
      #expect(try await harness.state { $0.phase == .finished }.stop == "budget")
    }
  }

  @Test func ourFailuresAreNotChargedAndManyInARowPauseTheRun() async throws {
    let bench = try Bench()
    let edit = try Bench.edit(width: "2")
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(maxTrials: 4)
    }
    try await EvaluatorHarness.with(bench, works: false) { harness in
      for index in 0..<RunControl.abortsThatPause {
        let trial = try await harness.submit(try Bench.edit(width: "1\(index)"))
        #expect(try await harness.state().reserved?.trials == 1)
        try await harness.evaluator.store.write { [evaluator = harness.evaluator] database in
          try evaluator.advance(
            database, MeasurementID(run: EvaluatorHarness.run, trial: trial, purpose: .trial),
            .jobAbandoned("no runner stays up"))
        }
        #expect(try await harness.verdict(trial).verdict?.label == .harnessAbort)
      }
      let state = try await harness.state()
      #expect(state.accepted == 8 && state.refunded == 8, "more than the bound of 4: none was charged")
      #expect(state.spent?.trials == 0 && state.reserved?.trials == 0)
      #expect(state.paused)
      #expect(state.reason.contains("8 trials in a row"))
      let refused = try await refusal { () async throws(RPCError) in try await harness.submit(edit) }
      #expect(refused.reason == "PAUSED")
    }
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      let resumed = try await harness.pause("", false)
      #expect(!resumed.paused && resumed.reason.isEmpty)
      _ = try await harness.verdict(try await harness.submit(edit))
      #expect(try await harness.state().spent?.trials == 1)
    }
  }

  @Test func aPauseOutlivesTheProcessAndStopsTheClocks() async throws {
    let clock = ManualClock()
    let bench = try Bench()
    let limits = bounds { $0.wallMs = 60_000 }
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
      #expect(try await harness.state().deadlineMs == 1_060_000)
      let paused = try await harness.pause("opt", true)
      #expect(paused.specialists.filter(\.paused).map(\.specialist) == ["opt"])
      let edit = try Bench.edit(lr: "2")
      let refused = try await refusal { () async throws(RPCError) in
        try await harness.submit(edit, specialist: "opt")
      }
      #expect(refused.reason == "PAUSED" && refused.message.contains("'opt'"))
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "0")))
      _ = try await harness.pause("", true)
      let unknown = try await refusal { () async throws(RPCError) in
        _ = try await harness.pauseCall("nobody", true)
      }
      #expect(unknown.reason == "UNKNOWN_SPECIALIST")
    }
    clock.advance(3_600_000)
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      let state = try await harness.state()
      #expect(state.paused && state.phase == .accepting)
      #expect(state.specialists.first { $0.specialist == "opt" }?.paused == true)
      let resumed = try await harness.pause("", false)
      #expect(resumed.phase == .accepting)
      #expect(resumed.deadlineMs == 1_060_000 + 3_600_000)
      _ = try await harness.pause("opt", false)
      _ = try await harness.verdict(
        try await harness.submit(try Bench.edit(lr: "2"), specialist: "opt"))
      clock.advance(60_000)
      #expect(try await harness.state { $0.phase == .finished }.stop == "deadline")
    }
  }

  /// The time is up while no evaluator runs.
  @Test func aDeadlineIsTheRecordsAndNotTheProcesss() async throws {
    let clock = ManualClock()
    let bench = try Bench()
    let limits = bounds { $0.wallMs = 60_000 }
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
    }
    clock.advance(60_000)
    try await EvaluatorHarness.with(bench, clock: clock.evaluator, script: ScriptedRunner.honest) { harness in
      let over = try await harness.state { $0.phase == .finished }
      #expect(over.stop == "deadline")
    }
  }

  @Test func patienceAndTargetStop() async throws {
    for (limits, widths, stop) in [
      (bounds { $0.patienceTrials = 2 }, ["3", "'crash'", "0"], "patience"),
      (bounds { $0.target = "0.5" }, ["2", "5"], "target"),
    ] {
      try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
        try await harness.openAccepting(bounds: limits)
        for width in widths {
          #expect(try await harness.state().phase == .accepting)
          _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: width)))
        }
        #expect(try await harness.state { $0.phase == .finished }.stop == stop)
      }
    }
  }

  @Test func boundsMayBeChangedByOpeningAgain() async throws {
    let limits = bounds { $0.run = spend { $0.cpuMs = 60_000 } }
    let tighter = bounds { $0.run = spend { $0.cpuMs = 1_000 } }
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(bounds: limits)
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "0")))
      try await harness.open()
      #expect(try await harness.state().bounds == limits, "no bounds leave them as they are")
      try await harness.open(bounds: tighter)
      #expect(try await harness.state { $0.phase == .finished }.stop == "budget")
    }
  }

  @Test func anArmSaysWhoMayEditWhat() async throws {
    var arm = EvaluatorV1.Arm()
    arm.name = "mixed"
    for (name, partitions) in [("model", ["model", "opt"]), ("gen-b", ["opt"])] {
      var member = EvaluatorV1.ArmMember()
      member.specialist = name
      member.partitions = partitions
      arm.members.append(member)
    }
    arm.analysts = ["opt"]
    arm.knowledgeWithheld = true
    let both = try Bench.edit(width: "2", lr: "3")
    let one = try Bench.edit(lr: "4")
    let chosen = arm
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting(arm: chosen)
      let answer = try await harness.verdict(try await harness.submit(both))
      #expect(answer.verdict?.label == .keep, "a generalist's edit spans partitions: \(answer)")
      let refused = try await refusal { () async throws(RPCError) in
        try await harness.submit(one, specialist: "opt")
      }
      #expect(refused.reason == "UNKNOWN_SPECIALIST", "an analyst submits nothing")
      var describe = EvaluatorV1.DescribeTaskRequest()
      for run in ["", EvaluatorHarness.run] {
        describe.runId = run
        #expect(try await harness.agent.describeTask(describe).task?.knowledge.isEmpty == true)
      }
      let task = try await harness.agent.describeTask(describe).task
      #expect(task?.partitions.map(\.name) == ["model", "gen-b"])
      #expect(task?.partitions.first?.regions.first?.sections == ["model", "opt"])
      describe.runId = ""
      #expect(try await harness.user.describeTask(describe).task?.knowledge.count == 1)
      var other = chosen
      other.members.removeLast()
      let changed = other
      let differs = try await refusal { () async throws(RPCError) in
        try await harness.openCall(arm: changed)
      }
      #expect(differs.reason == "RUN_DIFFERS")
      let policy = try await harness.evaluator.store.read {
        try RunRow.fetch($0, EvaluatorHarness.run).policy
      }
      let statement = try PolicyStatement.verified(envelope: policy, key: harness.bench.key.publicIdentity)
      #expect(statement.arm?.members["model"] == ["model", "opt"])
      #expect(statement.arm?.knowledge == false)
    }
  }

  @Test func armsThatMakeNoSenseAreRefused() async throws {
    try await EvaluatorHarness.with(try Bench(), works: false) { harness in
      for (members, analysts) in [
        ([], []), ([("a", [])], []), ([("a", ["nope"])], []), ([("a/b", ["model"])], []),
        ([("a", ["model"]), ("a", ["opt"])], []), ([("a", ["model"])], ["a"]),
      ] as [([(String, [String])], [String])] {
        var arm = EvaluatorV1.Arm()
        arm.members = members.map { name, partitions in
          var member = EvaluatorV1.ArmMember()
          member.specialist = name
          member.partitions = partitions
          return member
        }
        arm.analysts = analysts
        let wrong = arm
        let refused = try await refusal { () async throws(RPCError) in try await harness.openCall(arm: wrong)
        }
        #expect(refused.reason == "INVALID_ARM", "\(members)")
      }
    }
  }
}

extension EvaluatorHarness {
  func pauseCall(_ specialist: String, _ paused: Bool) async throws(RPCError) -> EvaluatorV1.RunState? {
    var request = EvaluatorV1.PauseRunRequest()
    request.runId = Self.run
    request.specialist = specialist
    request.paused = paused
    return try await user.pauseRun(request, CallOptions(timeout: .seconds(10))).state
  }

  func pause(_ specialist: String, _ paused: Bool) async throws -> EvaluatorV1.RunState {
    try #require(try await pauseCall(specialist, paused))
  }

  func openCall(arm: EvaluatorV1.Arm) async throws(RPCError) {
    var request = EvaluatorV1.OpenRunRequest()
    request.runId = Self.run
    request.taskName = bench.owned.task.name
    request.lineageEnabled = true
    request.arm = arm
    _ = try await user.openRun(request, CallOptions(timeout: .seconds(10)))
  }
}
