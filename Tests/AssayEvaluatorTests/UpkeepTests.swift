import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import AssayVerdict
import Foundation
import Testing

@testable import AssayEvaluator

@Suite("Copies, garbage and holding the record", .timeLimit(.minutes(2)))
struct UpkeepTests {
  private let options = CallOptions(timeout: .seconds(20))

  private func blobs(_ bench: Bench) throws -> Set<String> {
    Set(
      try FileManager.default.contentsOfDirectory(
        atPath: bench.configuration(clock: .system).stateFolder + "/blobs"))
  }

  private func sweep(_ harness: EvaluatorHarness, dryRun: Bool) async throws
    -> OperationV1.CollectGarbageResponse
  {
    var request = OperationV1.CollectGarbageRequest()
    request.dryRun = dryRun
    request.youngerThanMs = 1
    return try await OperationServiceClient(harness.server.clients["operator"]).collectGarbage(
      request, options)
  }

  @Test("garbage never takes what a verdict names, nor anything of a run that goes on")
  func garbage() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      var named: Set<String> = []
      for trial in [0, try await harness.submit(try Bench.edit(width: "3"))] {
        let envelope = try await harness.verdict(trial).envelope
        let statement = try VerdictStatement.verified(envelope: envelope, key: bench.key.publicIdentity)
        named.formUnion(statement.facts.artifactDigests)
      }
      #expect(!named.isEmpty)
      let whileOpen = try blobs(bench)
      #expect(try await sweep(harness, dryRun: false).removed == 0)
      #expect(try blobs(bench) == whileOpen)

      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close, options)
      _ = try await harness.state { $0.phase == .finished }
      let before = try blobs(bench)
      // Only said, then done.
      let said = try await sweep(harness, dryRun: true)
      #expect(said.removed > 0)
      #expect(try blobs(bench) == before)
      let done = try await sweep(harness, dryRun: false)
      #expect(done.removed == said.removed && done.removedBytes == said.removedBytes)
      let after = try blobs(bench)
      #expect(after.count == Int(done.kept))
      #expect(named.isSubset(of: after))
      // What is young stays, whether it is named or not.
      var young = OperationV1.CollectGarbageRequest()
      try await harness.evaluator.blobs.put(Array("nobody names this".utf8))
      #expect(
        try await OperationServiceClient(harness.server.clients["operator"]).collectGarbage(young, options)
          .removed == 0)
      young.youngerThanMs = 1
      try await Task.sleep(for: .milliseconds(5))
      #expect(
        try await OperationServiceClient(harness.server.clients["operator"]).collectGarbage(young, options)
          .removed == 1)
    }
  }

  @Test("a backup opens as the state it was made of; names are new, and only an operator may ask")
  func backup() async throws {
    let bench = try Bench()
    try await EvaluatorHarness.with(bench, script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let trial = try await harness.submit(try Bench.edit(width: "3"))
      let verdict = try await harness.verdict(trial)
      let operations = OperationServiceClient(harness.server.clients["operator"])
      var request = OperationV1.CreateBackupRequest()
      request.name = "monday"
      let made = try await operations.createBackup(request, options)
      let again = await #expect(throws: RPCError.self) {
        try await operations.createBackup(request, self.options)
      }
      #expect(again?.reason == "BACKUP_EXISTS")
      request.name = "../elsewhere"
      await #expect(throws: RPCError.self) { try await operations.createBackup(request, self.options) }
      for identity in ["agent/model", "runner/one", "observer"] {
        let refusal = await #expect(throws: RPCError.self) {
          try await OperationServiceClient(harness.server.clients[identity]).createBackup(
            request, self.options)
        }
        #expect(refusal?.code == .permissionDenied)
      }
      let restored = FileManager.default.temporaryDirectory.appending(
        path: "assay-restored-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: restored) }
      try BackupFolder.restore(URL(filePath: made.folder), to: restored)
      #expect(throws: StoreError.self) { try BackupFolder.restore(URL(filePath: made.folder), to: restored) }
      let store = try Store.open(at: restored.path + "/evaluator.sqlite", migrations: Schema.migrations)
      let row = try await store.read { try TrialRow.find($0, run: EvaluatorHarness.run, trial: trial) }
      #expect(row?.envelope == verdict.envelope)
      await store.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: restored.path + "/blobs").count > 0)
      // A byte that changed is found.
      let database = made.folder + "/evaluator.sqlite"
      var content = try #require(FileManager.default.contents(atPath: database))
      content[content.count / 2] ^= 1
      try content.write(to: URL(filePath: database))
      let damaged = #expect(throws: StoreError.self) {
        try BackupManifest.verified(in: URL(filePath: made.folder))
      }
      #expect(damaged?.code == .corrupt)
    }
  }

  @Test("who was told no run finds the one that takes trials, and waits for one")
  func openRun() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      var request = EvaluatorV1.GetRunStateRequest()
      let none = await #expect(throws: RPCError.self) {
        try await harness.agent.getRunState(request, self.options)
      }
      #expect(none?.reason == "NO_OPEN_RUN")
      request.waitMs = 20_000
      let waiting = request
      async let found = harness.agent.getRunState(waiting, CallOptions(timeout: .seconds(40)))
      try await harness.openAccepting()
      #expect(try await found.state?.runId == EvaluatorHarness.run)
      var close = EvaluatorV1.CloseRunRequest()
      close.runId = EvaluatorHarness.run
      _ = try await harness.user.closeRun(close, self.options)
      _ = try await harness.state { $0.phase == .finished }
      request.waitMs = 0
      await #expect(throws: RPCError.self) { try await harness.agent.getRunState(request, self.options) }
    }
  }

  @Test("while the record is held nothing is sent; it goes on when released, or when the time is over")
  func hold() async throws {
    let clock = ManualClock()
    let hold = RecordHold(clock: clock.evaluator)
    #expect(try await hold.whileFree { true })
    try await hold.hold(milliseconds: 1000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await hold.whileFree {} }
      #expect(hold.release())
      try await group.waitForAll()
    }
    #expect(!hold.release())
    try await hold.hold(milliseconds: 1000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await hold.whileFree {} }
      clock.advance(1001)
      try await group.waitForAll()
    }
    #expect(!hold.release(), "its time was over")
  }
}
