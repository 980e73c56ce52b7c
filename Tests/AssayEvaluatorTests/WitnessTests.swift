import AssayIdentity
import AssayLineage
import AssayLog
import AssayMessages
import AssayRPC
import AssayRPCTesting
import AssayServices
import AssayStore
import AssayVerdict
import Foundation
import GRDB
import Logging
import Testing

@testable import AssayEvaluator

@Suite("The evaluator vouches for a log that it knows", .timeLimit(.minutes(2)))
struct WitnessTests {
  private let lineageKey = IdentityKey()

  /// A lineage with a run whose log holds a report alone, and what a witness knows of it.
  private func with(
    known: [[UInt8]], logged: [UInt8], evaluator: IdentityKey,
    _ body: @Sendable @escaping (Store, Witness, LineageServiceClient) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-witness-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try Store.open(at: folder + "/evaluator.sqlite", migrations: Schema.migrations)
    try await store.write { database in
      for (index, statement) in known.enumerated() {
        try Witness.note(database, run: "r", statement: statement, isFirst: index == 0)
      }
    }
    var router = RPCRouter()
    router.register(
      LineageServiceProvider(
        store: try await LineageStore.open(in: folder + "/lineage"), key: lineageKey))
    try await withTestServer(
      router: router, identities: ["evaluator": .evaluator], keys: ["evaluator": evaluator]
    ) { server in
      let lineage = LineageServiceClient(server.clients["evaluator"])
      var register = LineageV1.RegisterRunRequest()
      register.run = LineageV1.Run()
      register.run?.runId = "r"
      register.run?.metric = LineageV1.Metric()
      register.run?.metric?.direction = .minimize
      register.run?.evaluatorKey = evaluator.publicIdentity.bytes
      _ = try await lineage.registerRun(register)
      var finish = LineageV1.FinishRunRequest()
      finish.runId = "r"
      finish.report = logged
      _ = try await lineage.finishRun(finish)
      let witness = Witness(
        store: store, lineage: lineage, key: evaluator, clock: .system, logger: Logger(label: "test"))
      try await body(store, witness, lineage)
    }
  }

  private func report(_ best: UInt32, _ key: IdentityKey) throws -> [UInt8] {
    var report = EvaluatorV1.FinalReport()
    report.best = best
    return try ReportStatement.signed(report, run: "r", snapshotID: "", with: key)
  }

  private func note(_ lineage: LineageServiceClient) async throws -> SignedNote {
    var request = LineageV1.GetCheckpointRequest()
    request.runId = "r"
    return try #require(SignedNote(bytes: try await lineage.getCheckpoint(request).note))
  }

  @Test("the log that it signed is cosigned, once")
  func honest() async throws {
    let key = IdentityKey()
    let statement = try report(1, key)
    try await with(known: [statement], logged: statement, evaluator: key) { store, witness, lineage in
      try await witness.cosign()
      let note = try await note(lineage)
      #expect(note.isCosigned(as: Checkpoint.cosigner, by: key.publicIdentity))
      #expect(note.isSigned(as: Checkpoint.origin(ofRun: "r"), by: lineageKey.publicIdentity))
      try await witness.cosign()
      #expect(try await self.note(lineage) == note)
    }
  }

  @Test("a log that leaves out, adds or changes a statement is never cosigned", arguments: [0, 1, 2])
  func dishonest(_ kind: Int) async throws {
    let key = IdentityKey()
    let (kept, other) = (try report(1, key), try report(2, key))
    // Left out: the witness knows two. Changed: it knows another. Added: it knows of a beginning only.
    let known = [[kept, other], [other], [other, kept]][kind]
    try await with(known: known, logged: kept, evaluator: key) { store, witness, lineage in
      try await witness.cosign()
      #expect(try await note(lineage).signatures.count == 1)
      let refused = try await store.read { try Int.fetchOne($0, sql: "SELECT refused FROM witness") }
      #expect(refused == 1)
      // Nor later.
      try await witness.cosign()
      #expect(try await note(lineage).signatures.count == 1)
    }
  }

  @Test("a run whose beginning it has not seen is left alone")
  func unknown() async throws {
    let key = IdentityKey()
    let statement = try report(1, key)
    try await with(known: [], logged: statement, evaluator: key) { store, witness, lineage in
      try await store.write { try Witness.note($0, run: "r", statement: statement, isFirst: false) }
      try await witness.cosign()
      #expect(try await note(lineage).signatures.count == 1)
    }
  }
}
