import AssayIdentity
public import AssayMessages
import AssayPatch
import AssayRPC
import AssayStore
import AssayVerdict
import Foundation
import GRDB

/// The record on disk: appends in one transaction with their event, answers from indexes.
public final class LineageStore: Sendable {
  let store: Store
  /// Moves on with every committed event.
  let feed: EventFeed
  /// When events are recorded: never earlier than the one before, whatever becomes of the machine's clock.
  let clock: SteadyClock

  /// Opens or makes the record in a folder.
  public static func open(in folder: String) async throws -> LineageStore {
    let store = try Store.open(at: folder + "/lineage.sqlite", migrations: LineageSchema.migrations)
    try await store.write(logEarlierStatements)
    let (last, time) = try await store.read { database -> (Int64, Int64) in
      let row = try Row.fetchOne(
        database, sql: "SELECT sequence, recorded_at_ms FROM event ORDER BY sequence DESC LIMIT 1")
      return (row?["sequence"] ?? 0, row?["recorded_at_ms"] ?? 0)
    }
    return LineageStore(
      store: store, last: UInt64(last), clock: SteadyClock(at: max(MachineClock.wall(), time)))
  }

  private init(store: Store, last: UInt64, clock: SteadyClock) {
    self.store = store
    self.clock = clock
    feed = EventFeed(last: last)
  }

  /// Ends what is under way and gives the record up to the next process that opens it.
  public func close() async { await store.close() }

  // MARK: Appending

  /// Registers a run; the same run again is accepted.
  ///
  /// - Parameter policy: the envelope of its evaluator's policy, the first statement of the run's log; empty for none.
  public func register(_ run: LineageV1.Run, policy: [UInt8] = [], now: Int64) async throws -> UInt64 {
    guard Self.isName(run.runId) else {
      throw RPCError(
        .invalidArgument, reason: "BAD_RUN_ID",
        "a run id has 1 to 64 characters of a-z, A-Z, 0-9, '.', '_' and '-'")
    }
    guard let key = try? PublicIdentity(bytes: run.evaluatorKey) else {
      throw RPCError(
        .invalidArgument, reason: "BAD_KEY", "evaluator_key must be an Ed25519 public key of 32 bytes")
    }
    guard policy.isEmpty || (try? PolicyStatement.verified(envelope: policy, key: key))?.run == run.runId
    else {
      throw RPCError(
        .permissionDenied, reason: "POLICY_SIGNATURE_INVALID",
        "the policy is not a policy of run \(run.runId) that its evaluator signed")
    }
    guard let metric = run.metric, metric.direction != .unspecified else {
      throw RPCError(.invalidArgument, reason: "BAD_METRIC", "a run needs a metric with a direction")
    }
    var stored = run
    stored.createdAtMs = run.createdAtMs == 0 ? now : run.createdAtMs
    let fresh = stored
    let body = fresh.serialized()
    return try await append { database in
      if let known = try Row.fetchOne(
        database, sql: "SELECT body, sequence FROM run WHERE run_id = ?", arguments: [run.runId])
      {
        // The time of registering again does not make it another run.
        var earlier = try LineageV1.Run(serialized: [UInt8](known["body"] as Data))
        earlier.createdAtMs = fresh.createdAtMs
        let knownPolicy = try Data.fetchOne(
          database, sql: "SELECT envelope FROM policy WHERE run_id = ?", arguments: [run.runId])
        guard earlier == fresh, knownPolicy ?? Data() == Data(policy) else {
          throw RPCError(
            .alreadyExists, reason: "RUN_EXISTS",
            "run \(run.runId) is registered with other facts; use a new run id")
        }
        return known["sequence"]
      }
      let sequence = try Self.event(database, run: run.runId, kind: .runRegistered, trial: 0, now: now)
      try database.execute(
        sql: "INSERT INTO run (run_id, body, evaluator_key, minimize, sequence) VALUES (?, ?, ?, ?, ?)",
        arguments: [run.runId, Data(body), Data(run.evaluatorKey), metric.direction == .minimize, sequence])
      try database.execute(
        sql:
          "INSERT INTO standing (run_id, incumbent, incumbent_score, baseline_score, trials) VALUES (?, 0, '', '', 0)",
        arguments: [run.runId])
      if !policy.isEmpty {
        try database.execute(
          sql: "INSERT INTO policy (run_id, envelope) VALUES (?, ?)", arguments: [run.runId, Data(policy)])
        try Self.log(database, run: run.runId, .runRegistered, trial: 0, policy)
      }
      return sequence
    }
  }

  /// Records an accepted submission with the recipe it made; the same submission again is accepted.
  ///
  /// - Parameter readings: what its submitter had been answered; nil where that was not counted.
  public func append(
    _ trial: LineageV1.Trial, snapshot: LineageV1.Snapshot?, readings: LineageV1.Readings? = nil, now: Int64
  ) async throws -> UInt64 {
    let files = try Self.checked(snapshot, of: trial)
    let body = Data(trial.serialized())
    let specialist = trial.proposal?.specialist ?? ""
    return try await append { database in
      _ = try Self.run(database, trial.runId)
      if let known = try Row.fetchOne(
        database, sql: "SELECT body, sequence FROM trial WHERE run_id = ? AND number = ?",
        arguments: [trial.runId, trial.trial])
      {
        guard known["body"] == body else {
          throw RPCError(
            .alreadyExists, reason: "TRIAL_EXISTS",
            "trial \(trial.trial) of \(trial.runId) is recorded with other facts")
        }
        return known["sequence"]
      }
      let parent = trial.trial == 0 ? nil : trial.proposal?.parent
      if let parent {
        guard
          try Bool.fetchOne(
            database, sql: "SELECT 1 FROM trial WHERE run_id = ? AND number = ?",
            arguments: [trial.runId, parent]) != nil,
          parent != trial.trial
        else {
          throw RPCError(
            .failedPrecondition, reason: "UNKNOWN_PARENT",
            "trial \(trial.trial) names parent \(parent), which is not recorded")
        }
      }
      if !trial.snapshotId.isEmpty {
        try Self.insert(database, snapshot: trial.snapshotId, files: files)
      }
      let sequence = try Self.event(
        database, run: trial.runId, kind: .trialRecorded, trial: trial.trial, now: now)
      try database.execute(
        sql:
          "INSERT INTO trial (run_id, number, parent, specialist, snapshot_id, body, sequence, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          trial.runId, trial.trial, parent, specialist, trial.snapshotId.isEmpty ? nil : trial.snapshotId,
          body, sequence, trial.change,
        ])
      try database.execute(
        sql: "INSERT INTO in_flight (run_id, number, specialist) VALUES (?, ?, ?)",
        arguments: [trial.runId, trial.trial, specialist])
      if let readings {
        try database.execute(
          sql: "INSERT INTO reading (run_id, number, body) VALUES (?, ?, ?)",
          arguments: [trial.runId, trial.trial, Data(readings.serialized())])
      }
      if let parent {
        try Self.inheritDescent(database, run: trial.runId, trial: trial.trial, parent: parent)
      }
      try Self.count(database, run: trial.runId, specialist: specialist, label: .unspecified, by: 1)
      try database.execute(
        sql: "UPDATE standing SET trials = trials + 1 WHERE run_id = ?", arguments: [trial.runId])
      return sequence
    }
  }

  /// Records a verdict, if the run's evaluator signed it.
  public func append(_ signed: LineageV1.SignedVerdict, now: Int64) async throws -> UInt64 {
    try await append { database in
      // The statement says which run it is of; it is believed once that run's key has verified it.
      guard let claimed = Self.claimedRun(signed.envelope) else {
        throw RPCError(.invalidArgument, reason: "MALFORMED_VERDICT", "this is no signed verdict statement")
      }
      let run = try Self.run(database, claimed)
      guard let key = try? PublicIdentity(bytes: run.evaluatorKey),
        let statement = try? VerdictStatement.verified(envelope: signed.envelope, key: key),
        statement.verdict.runId == claimed
      else {
        throw RPCError(
          .permissionDenied, reason: "VERDICT_SIGNATURE_INVALID",
          "the verdict is not signed by the evaluator that run \(claimed) was registered with")
      }
      let verdict = statement.verdict
      let policy = try Data.fetchOne(
        database, sql: "SELECT envelope FROM policy WHERE run_id = ?", arguments: [claimed])
      guard statement.facts.policyDigest == policy.map({ VerdictStatement.digest([UInt8]($0)) }) else {
        throw RPCError(
          .invalidArgument, reason: "POLICY_MISMATCH",
          "the verdict names another policy than the one that run \(claimed) was registered with")
      }
      // The statement came as JSON, which has no bounds of its own: what is stored must be readable as a message.
      guard (try? LineageV1.Verdict(serialized: verdict.serialized())) == verdict else {
        throw RPCError(
          .invalidArgument, reason: "VERDICT_OUT_OF_BOUNDS",
          "a field of the verdict is longer than a message may carry")
      }
      guard VerdictStatement.digest(Array(signed.logExcerpt.utf8)) == statement.facts.logDigest else {
        throw RPCError(
          .invalidArgument, reason: "LOG_MISMATCH", "the log excerpt is not the one the statement names")
      }
      guard signed.provenance.map(VerdictStatement.digest) == statement.facts.provenanceDigests ?? [] else {
        throw RPCError(
          .invalidArgument, reason: "PROVENANCE_MISMATCH",
          "what runners signed is not what the statement names; send all of it, in that order")
      }
      guard
        let trial = try Row.fetchOne(
          database, sql: "SELECT specialist, snapshot_id FROM trial WHERE run_id = ? AND number = ?",
          arguments: [verdict.runId, verdict.trial])
      else {
        throw RPCError(
          .failedPrecondition, reason: "UNKNOWN_TRIAL",
          "trial \(verdict.trial) is not recorded yet; append it first")
      }
      guard (trial["snapshot_id"] as String? ?? "") == statement.facts.snapshotID else {
        throw RPCError(
          .invalidArgument, reason: "SNAPSHOT_MISMATCH",
          "the verdict is about another recipe than trial \(verdict.trial) has")
      }
      if let known = try Row.fetchOne(
        database, sql: "SELECT envelope, sequence FROM verdict WHERE run_id = ? AND number = ?",
        arguments: [verdict.runId, verdict.trial])
      {
        guard known["envelope"] == Data(signed.envelope) else {
          throw RPCError(
            .alreadyExists, reason: "VERDICT_EXISTS", "trial \(verdict.trial) has another verdict already")
        }
        return known["sequence"]
      }
      let sequence = try Self.event(
        database, run: verdict.runId, kind: .verdictRecorded, trial: verdict.trial, now: now)
      let minimize = run.metric?.direction == .minimize
      let rank = verdict.label.isFailure ? nil : Double(verdict.score).map { minimize ? $0 : -$0 }
      try database.execute(
        sql:
          "INSERT INTO verdict (run_id, number, label, rank, body, envelope, log, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          verdict.runId, verdict.trial, verdict.label.rawValue, rank, Data(verdict.serialized()),
          Data(signed.envelope), signed.logExcerpt, sequence,
        ])
      for (position, envelope) in signed.provenance.enumerated() {
        try database.execute(
          sql: "INSERT INTO provenance (run_id, number, position, envelope) VALUES (?, ?, ?, ?)",
          arguments: [verdict.runId, verdict.trial, position, Data(envelope)])
      }
      try Self.log(database, run: verdict.runId, .verdictRecorded, trial: verdict.trial, signed.envelope)
      try database.execute(
        sql: "DELETE FROM in_flight WHERE run_id = ? AND number = ?",
        arguments: [verdict.runId, verdict.trial])
      let specialist = trial["specialist"] as String
      try Self.count(database, run: verdict.runId, specialist: specialist, label: .unspecified, by: -1)
      try Self.count(database, run: verdict.runId, specialist: specialist, label: verdict.label, by: 1)
      if verdict.label == .keep || verdict.label == .baseline,
        try !Self.isBarred(database, run: verdict.runId, trial: verdict.trial)
      {
        try database.execute(
          sql: "UPDATE standing SET incumbent = ?, incumbent_rank = ?, incumbent_score = ? WHERE run_id = ?",
          arguments: [verdict.trial, rank, verdict.score, verdict.runId])
      }
      if verdict.label == .baseline {
        try database.execute(
          sql: "UPDATE standing SET baseline_score = ? WHERE run_id = ?",
          arguments: [verdict.score, verdict.runId])
      }
      return sequence
    }
  }

  /// Records a lesson; the same lesson of the same specialist again is accepted.
  public func append(_ insight: AgentV1.Insight, run: String, now: Int64) async throws -> UInt64 {
    guard !insight.text.isEmpty else {
      throw RPCError(.invalidArgument, reason: "EMPTY_INSIGHT", "an insight needs a text")
    }
    return try await append { database in
      _ = try Self.run(database, run)
      if let known = try Int64.fetchOne(
        database, sql: "SELECT sequence FROM insight WHERE run_id = ? AND specialist = ? AND body = ?",
        arguments: [run, insight.specialist, Data(insight.serialized())])
      {
        return known
      }
      let sequence = try Self.event(database, run: run, kind: .insightRecorded, trial: 0, now: now)
      try database.execute(
        sql: "INSERT INTO insight (sequence, run_id, specialist, body) VALUES (?, ?, ?, ?)",
        arguments: [sequence, run, insight.specialist, Data(insight.serialized())])
      return sequence
    }
  }

  /// Records the end of a run with the evaluator's signed report.
  public func finish(_ run: String, report: [UInt8], now: Int64) async throws -> UInt64 {
    try await append { database in
      let known = try Self.run(database, run)
      guard let key = try? PublicIdentity(bytes: known.evaluatorKey),
        (try? ReportStatement.verified(envelope: report, run: run, key: key)) != nil
      else {
        throw RPCError(
          .permissionDenied, reason: "REPORT_SIGNATURE_INVALID",
          "the report is not signed by the evaluator that run \(run) was registered with")
      }
      if let row = try Row.fetchOne(
        database, sql: "SELECT report, sequence FROM run_end WHERE run_id = ?", arguments: [run])
      {
        guard row["report"] == Data(report) else {
          throw RPCError(.alreadyExists, reason: "RUN_FINISHED", "run \(run) has ended with another report")
        }
        return row["sequence"]
      }
      let sequence = try Self.event(database, run: run, kind: .runFinished, trial: 0, now: now)
      try database.execute(
        sql: "INSERT INTO run_end (run_id, report, sequence) VALUES (?, ?, ?)",
        arguments: [run, Data(report), sequence])
      try Self.log(database, run: run, .runFinished, trial: 0, report)
      return sequence
    }
  }

  /// Moves a tally; trials without a verdict are counted under the label `unspecified`.
  private static func count(
    _ database: Database, run: String, specialist: String, label: LineageV1.VerdictLabel, by change: Int
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO tally (run_id, specialist, label, count) VALUES (?, ?, ?, ?)
        ON CONFLICT (run_id, specialist, label) DO UPDATE SET count = count + excluded.count
        """, arguments: [run, specialist, label.rawValue, change])
  }

  /// Runs an append, and tells those who wait for events once it is durable.
  func append(_ body: @escaping @Sendable (Database) throws -> Int64) async throws -> UInt64 {
    let sequence = try await write(body)
    feed.advance(to: UInt64(sequence))
    return UInt64(sequence)
  }

  // MARK: Parts

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  static func event(
    _ database: Database, run: String, kind: LineageV1.EventKind, trial: UInt32, now: Int64
  ) throws -> Int64 {
    try database.execute(
      sql: "INSERT INTO event (run_id, kind, trial, recorded_at_ms) VALUES (?, ?, ?, ?)",
      arguments: [run, kind.rawValue, trial, now])
    return database.lastInsertedRowID
  }

  static func run(_ database: Database, _ id: String) throws -> LineageV1.Run {
    guard
      let body = try Data.fetchOne(database, sql: "SELECT body FROM run WHERE run_id = ?", arguments: [id])
    else {
      throw RPCError(.notFound, reason: "UNKNOWN_RUN", "no run \(id.prefix(64)) is recorded here")
    }
    return try LineageV1.Run(serialized: [UInt8](body))
  }

  private struct Claim: Decodable {
    struct Predicate: Decodable { var run: String }
    var predicate: Predicate
  }

  private static func claimedRun(_ envelope: [UInt8]) -> String? {
    guard let parsed = try? DSSEEnvelope(json: envelope) else { return nil }
    return (try? JSONDecoder().decode(Claim.self, from: Data(parsed.payload)))?.predicate.run
  }

  /// The files of a snapshot, when they make the digest that the trial names.
  private static func checked(_ snapshot: LineageV1.Snapshot?, of trial: LineageV1.Trial) throws -> [(
    path: String, digest: String, content: Data
  )] {
    guard let snapshot, !trial.snapshotId.isEmpty else {
      guard snapshot == nil, trial.snapshotId.isEmpty else {
        throw RPCError(
          .invalidArgument, reason: "SNAPSHOT_MISMATCH", "a trial names a snapshot exactly when it brings one"
        )
      }
      return []
    }
    let tree: RecipeTree
    do {
      tree = try RecipeTree(
        Dictionary(snapshot.files.map { ($0.path, $0.content) }, uniquingKeysWith: { first, _ in first }))
    } catch {
      throw RPCError(.invalidArgument, reason: "BAD_SNAPSHOT", error.message)
    }
    guard tree.count == snapshot.files.count, tree.digest == trial.snapshotId,
      snapshot.snapshotId == trial.snapshotId
    else {
      throw RPCError(
        .invalidArgument, reason: "SNAPSHOT_MISMATCH",
        "the files of the snapshot do not make the digest \(trial.snapshotId)")
    }
    return tree.paths.compactMap { path in
      tree[path].map { (path, SnapshotDigest.hex(ofContent: $0), Data($0)) }
    }
  }

  private static func insert(
    _ database: Database, snapshot: String, files: [(path: String, digest: String, content: Data)]
  ) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO snapshot (snapshot_id) VALUES (?)", arguments: [snapshot])
    guard database.changesCount > 0 else { return }
    for file in files {
      try database.execute(
        sql: "INSERT OR IGNORE INTO blob (digest, content) VALUES (?, ?)",
        arguments: [file.digest, file.content])
      try database.execute(
        sql: "INSERT INTO snapshot_file (snapshot_id, path, digest) VALUES (?, ?, ?)",
        arguments: [snapshot, file.path, file.digest])
    }
  }
}
