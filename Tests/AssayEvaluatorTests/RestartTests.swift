import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import Foundation
import GRDB
import Logging
import Synchronization
import Testing

@testable import AssayEvaluator

@Suite("Restarts", .timeLimit(.minutes(3)))
struct RestartTests {
  /// The evaluator is dropped after each job and opened anew; a runner may be in the middle of the next one.
  @Test("dropped after every single job, the run still ends with one verdict for each accepted submission")
  func everyStep() async throws {
    let bench = try Bench(trialSeeds: 2)
    let keys = ["k1", "k2", "k3"]
    let widths = ["2", "'crash'", "4"]
    let trials = Mutex<[String: UInt32]>([:])
    let verdicts = Mutex<[UInt32: [UInt8]]>([:])
    var lives = 0
    var isOver = false
    while !isOver {
      lives += 1
      try #require(lives < 200)
      isOver = try await EvaluatorHarness.with(bench) { harness in
        try await harness.open()
        let state = try await harness.state()
        if state.phase == .accepting {
          for (key, width) in zip(keys, widths) {
            let trial = try await harness.submit(try Bench.edit(width: width), key: key)
            let known = trials.withLock { $0[key] }
            #expect(known == nil || known == trial)
            trials.withLock { $0[key] = trial }
          }
          var close = EvaluatorV1.CloseRunRequest()
          close.runId = EvaluatorHarness.run
          _ = try await harness.user.closeRun(close)
        }
        if state.phase == .finished {
          for trial in 0...UInt32(3) {
            let answer = try await harness.verdict(trial)
            #expect(answer.decided)
            let earlier = verdicts.withLock { $0[trial] }
            #expect(earlier == nil || earlier == answer.envelope)
          }
          #expect(state.accepted == 3)
          #expect(state.decided == 3)
          #expect(state.finalReport?.best == trials.withLock { $0["k3"] })
          return true
        }
        for trial in trials.withLock({ $0.values }) {
          var request = EvaluatorV1.WaitVerdictRequest()
          request.runId = EvaluatorHarness.run
          request.trial = trial
          let answer = try await harness.agent.waitVerdict(request)
          guard answer.decided else { continue }
          let earlier = verdicts.withLock { $0.updateValue(answer.envelope, forKey: trial) }
          #expect(earlier == nil || earlier == answer.envelope)
        }
        // One job is done, and another one is held when the lights go out. A slot that comes back gets its job again.
        let slot = harness.runner("slot/0")
        if let job = try await slot.lease(wait: 3_000) { try await slot.perform(job, ScriptedRunner.honest) }
        return false
      }
    }
    #expect(lives > 10)
    #expect(trials.withLock { $0.count } == 3)
  }

  @Test("what the lineage is to be told survives, in order, until it is told")
  func outbox() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      _ = try await harness.verdict(try await harness.submit(try Bench.edit(width: "2")))
    }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let evaluator = try await Evaluator.open(bench.configuration(), logger: logger)
    let kinds = try await evaluator.store.read {
      try String.fetchAll($0, sql: "SELECT kind FROM outbox ORDER BY number")
    }
    #expect(kinds == ["run", "trial", "verdict", "trial", "verdict"])
  }

  @Test("two evaluators on one state, and a state of a newer version, are refused with the remedy")
  func folders() async throws {
    let bench = try Bench()
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    do {
      let first = try await Evaluator.open(bench.configuration(), logger: logger)
      let second = await #expect(throws: StoreError.self) {
        try await Evaluator.open(bench.configuration(), logger: logger)
      }
      #expect(second?.code == .inUse)
      try await first.store.write { try $0.execute(sql: "PRAGMA user_version = 99") }
      await first.store.close()
    }
    let newer = await #expect(throws: StoreError.self) {
      try await Evaluator.open(bench.configuration(), logger: logger)
    }
    #expect(newer?.code == .newerVersion)
  }

  @Test("a run is reopened as it was, or not at all")
  func reopening() async throws {
    try await EvaluatorHarness.with(try Bench(), works: false) { harness in
      try await harness.open()
      try await harness.open()
      await #expect(throws: RPCError.self) { try await harness.open(maxTrials: 9) }
    }
  }
}
