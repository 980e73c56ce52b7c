import AssayMessages
import AssayRPC
import AssayServices
import AssayStore
import Foundation
import GRDB
import Logging

/// What the lineage has to be told, in order: written in the transaction that made it true, sent until it is taken.
struct Outbox: Sendable {
  enum Kind: String, Sendable {
    case run, trial, verdict, finish, statement
  }

  static func append(_ database: Database, _ kind: Kind, _ body: [UInt8], run: String) throws {
    try database.execute(
      sql: "INSERT INTO outbox (kind, body, run_id) VALUES (?, ?, ?)",
      arguments: [kind.rawValue, Data(body), run])
  }

  let store: Store
  let lineage: LineageServiceClient
  let witness: Witness
  let hold: RecordHold
  let clock: EvaluatorClock
  let logger: Logger
  static let longestPause: Int64 = 15_000

  /// Sends everything, then waits for more; until the task is cancelled.
  func run(_ signal: Signal) async throws {
    var pause: Int64 = 100
    while true {
      let seen = signal.generation
      do {
        if try await hold.whileFree({ try await sendNext() }) {
          pause = 100
          continue
        }
        try await hold.whileFree { try await witness.cosign() }
      } catch {
        try Task.checkCancellation()
        logger.warning("the lineage did not take a record yet (\(error)); trying again")
        try await clock.pause(pause)
        pause = min(pause * 2, Self.longestPause)
        continue
      }
      try await signal.wait(past: seen)
    }
  }

  /// False when there is nothing to send.
  private func sendNext() async throws -> Bool {
    let next = try await store.read { database -> (Int64, String, [UInt8], String)? in
      try Row.fetchOne(
        database, sql: "SELECT number, kind, body, run_id FROM outbox ORDER BY number LIMIT 1"
      ).map { ($0["number"], $0["kind"], [UInt8]($0["body"] as Data), $0["run_id"]) }
    }
    guard let (number, kind, body, run) = next else { return false }
    let options = CallOptions(
      timeout: .seconds(20), idempotencyKey: "outbox-\(number)-\(BlobStore.digest(body).prefix(16))")
    var statement: [UInt8] = []
    switch Kind(rawValue: kind) {
    case .run:
      let request = try LineageV1.RegisterRunRequest(serialized: body)
      statement = request.policy
      _ = try await lineage.registerRun(request, options)
    case .trial:
      let request = try LineageV1.AppendTrialRequest(serialized: body)
      let name = "\(request.trial?.runId ?? "")/\(request.trial?.trial ?? 0)"
      _ = try await TraceContext.$current.withValue(TraceContext(deriving: name)) {
        try await lineage.appendTrial(request, options)
      }
    case .verdict:
      let request = try LineageV1.AppendVerdictRequest(serialized: body)
      statement = request.verdict?.envelope ?? []
      _ = try await lineage.appendVerdict(request, options)
    case .finish:
      let request = try LineageV1.FinishRunRequest(serialized: body)
      statement = request.report
      _ = try await lineage.finishRun(request, options)
    case .statement:
      let request = try LineageV1.AppendStatementRequest(serialized: body)
      statement = request.envelope
      _ = try await lineage.appendStatement(request, options)
    case nil:
      throw EvaluatorError(.damagedState, "the outbox holds '\(kind)', which this version does not know")
    }
    let (taken, isFirst) = (statement, kind == Kind.run.rawValue)
    try await store.write { database in
      if !taken.isEmpty { try Witness.note(database, run: run, statement: taken, isFirst: isFirst) }
      try database.execute(sql: "DELETE FROM outbox WHERE number = ?", arguments: [number])
    }
    return true
  }
}
