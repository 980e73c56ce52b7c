public import AssayMessages
import AssayRPC
import AssayStore
import Foundation
import GRDB

extension LineageStore {
  /// A run and its end, when it has one.
  public func run(_ id: String) async throws -> (run: LineageV1.Run, report: [UInt8]?) {
    try await read { database in
      let report = try Data.fetchOne(
        database, sql: "SELECT report FROM run_end WHERE run_id = ?", arguments: [id])
      return (try Self.run(database, id), report.map { [UInt8]($0) })
    }
  }

  /// The statements of a run's newest sixteen audits, in order.
  public func audits(_ id: String) async throws -> [[UInt8]] {
    try await read { database in
      try Data.fetchAll(
        database, sql: "SELECT envelope FROM audit WHERE run_id = ? ORDER BY number DESC LIMIT 16",
        arguments: [id]
      ).reversed().map { [UInt8]($0) }
    }
  }

  /// Runs by id, after the last one of the page before.
  public func runs(after last: String, limit: Int) async throws -> [LineageV1.Run] {
    try await read { database in
      try Data.fetchAll(
        database, sql: "SELECT body FROM run WHERE run_id > ? ORDER BY run_id LIMIT ?",
        arguments: [last, limit]
      )
      .map { try LineageV1.Run(serialized: [UInt8]($0)) }
    }
  }

  static let columns = """
    t.number, t.body AS trial_body, t.sequence, v.body AS verdict_body, v.envelope, v.log,
    CASE WHEN t.change = '' THEN NULL ELSE (SELECT MIN(o.number) FROM trial o
      WHERE o.run_id = t.run_id AND o.change = t.change AND o.number < t.number) END AS repeats,
    (SELECT body FROM revocation x WHERE x.run_id = t.run_id AND x.number = t.number) AS revocation_body,
    (SELECT ancestor FROM descent d WHERE d.run_id = t.run_id AND d.number = t.number) AS ancestor,
    (SELECT body FROM reading r WHERE r.run_id = t.run_id AND r.number = t.number) AS reading_body,
    (SELECT barred FROM descent d WHERE d.run_id = t.run_id AND d.number = t.number) AS barred,
    (SELECT incumbent FROM standing s WHERE s.run_id = t.run_id) = t.number AND v.label IN (1, 2) AS is_incumbent
    """
  private static let source =
    "FROM trial t LEFT JOIN verdict v ON v.run_id = t.run_id AND v.number = t.number"

  private static let notRevoked =
    "NOT EXISTS (SELECT 1 FROM revocation x WHERE x.run_id = v.run_id AND x.number = v.number)"

  /// CROSS JOIN keeps SQLite from walking all trials where few verdicts are wanted.
  static let verdictsFirst =
    "FROM verdict v CROSS JOIN trial t ON t.run_id = v.run_id AND t.number = v.number"

  static func record(_ row: Row, brief: Bool, whole: Bool) throws -> LineageV1.TrialRecord {
    var record = LineageV1.TrialRecord()
    var trial = try LineageV1.Trial(serialized: [UInt8](row["trial_body"] as Data))
    if brief { trial.proposal?.edit = [] }
    record.trial = trial
    record.verdict = try (row["verdict_body"] as Data?).map { try LineageV1.Verdict(serialized: [UInt8]($0)) }
    record.inFlight = record.verdict == nil
    record.sequence = UInt64(row["sequence"] as Int64)
    record.incumbent = (row["is_incumbent"] as Bool?) ?? false
    record.repeats = row["repeats"] as UInt32? ?? 0
    if !brief { record.logExcerpt = row["log"] as String? ?? "" }
    if whole { record.envelope = [UInt8](row["envelope"] as Data? ?? Data()) }
    record.revocation = try (row["revocation_body"] as Data?).map {
      try LineageV1.Revocation(serialized: [UInt8]($0))
    }
    record.readings = try (row["reading_body"] as Data?).map {
      try LineageV1.Readings(serialized: [UInt8]($0))
    }
    record.revokedAncestor = row["ancestor"] as UInt32? ?? 0
    record.standing =
      record.revocation != nil
      ? .revoked
      : (row["barred"] as Bool?).map { $0 ? .barred : .descendsFromRevoked }
        ?? (record.inFlight ? .unspecified : .stands)
    return record
  }

  /// What runners signed of a trial's jobs, in the order in which its verdict names it.
  func provenance(_ run: String, _ number: UInt32) async throws -> [[UInt8]] {
    try await read { database in
      try Data.fetchAll(
        database, sql: "SELECT envelope FROM provenance WHERE run_id = ? AND number = ? ORDER BY position",
        arguments: [run, number]
      ).map { [UInt8]($0) }
    }
  }

  public func trial(_ run: String, _ number: UInt32) async throws -> LineageV1.TrialRecord {
    try await read { database in
      _ = try Self.run(database, run)
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT \(Self.columns) \(Self.source) WHERE t.run_id = ? AND t.number = ?",
          arguments: [run, number])
      else { throw RPCError(.notFound, reason: "UNKNOWN_TRIAL", "run \(run) has no trial \(number)") }
      var record = try Self.record(row, brief: false, whole: true)
      if record.revocation != nil {
        let envelope = try Data.fetchOne(
          database, sql: "SELECT envelope FROM revocation WHERE run_id = ? AND number = ?",
          arguments: [run, number])
        record.revocationEnvelope = [UInt8](envelope ?? Data())
      }
      return record
    }
  }

  /// One page of a view. Tokens are the keys of the last row, so that a page costs the same wherever it lies.
  public func list(_ request: LineageV1.ListTrialsRequest) async throws -> (
    records: [LineageV1.TrialRecord], next: String
  ) {
    let limit = request.pageSize == 0 ? 100 : min(Int(request.pageSize), 500)
    return try await read { database in
      _ = try Self.run(database, request.runId)
      let token = try PageToken(request.pageToken)
      var conditions = ["t.run_id = :run"]
      var arguments: [String: (any DatabaseValueConvertible)?] = ["run": request.runId, "limit": limit + 1]
      var order = "t.number DESC"
      var from = Self.source
      func olderThanToken() {
        if let number = token.number {
          conditions.append("t.number < :number")
          arguments["number"] = number
        }
      }
      switch request.view {
      case .all:
        order = "t.number"
        if let number = token.number {
          conditions.append("t.number > :number")
          arguments["number"] = number
        }
      case .kept:
        from = Self.verdictsFirst
        conditions.append("v.run_id = :run AND v.label = 2 AND \(Self.notRevoked)")
        order = "v.number"
        if let number = token.number {
          conditions.append("v.number > :number")
          arguments["number"] = number
        }
      case .leaderboard:
        from = Self.verdictsFirst
        order = "v.rank, v.number"
        conditions.append("v.run_id = :run AND v.rank IS NOT NULL AND \(Self.notRevoked)")
        if let rank = token.rank, let number = token.number {
          conditions.append("(v.rank, v.number) > (:rank, :number)")
          arguments["rank"] = rank
          arguments["number"] = number
        }
      case .recent: olderThanToken()
      case .specialist:
        conditions.append("t.specialist = :specialist")
        arguments["specialist"] = request.specialist
        olderThanToken()
      case .inFlight:
        from =
          "FROM in_flight f CROSS JOIN trial t ON t.run_id = f.run_id AND t.number = f.number LEFT JOIN verdict v ON v.run_id = t.run_id AND v.number = t.number"
        conditions.append("f.run_id = :run")
        order = "f.number DESC"
        if let number = token.number {
          conditions.append("f.number < :number")
          arguments["number"] = number
        }
      case .revoked:
        from =
          "FROM revocation y CROSS JOIN trial t ON t.run_id = y.run_id AND t.number = y.number LEFT JOIN verdict v ON v.run_id = t.run_id AND v.number = t.number"
        conditions.append("y.run_id = :run")
        order = "y.number DESC"
        if let number = token.number {
          conditions.append("y.number < :number")
          arguments["number"] = number
        }
      case .failures:
        from = Self.verdictsFirst
        conditions.append("v.run_id = :run")
        if request.label == .unspecified {
          conditions.append("v.label NOT IN (1, 2, 3)")
        } else {
          conditions.append("v.label = :label")
          arguments["label"] = request.label.rawValue
        }
        order = "v.number DESC"
        if let number = token.number {
          conditions.append("v.number < :number")
          arguments["number"] = number
        }
      case .repeated:
        conditions.append(
          "t.change <> '' AND EXISTS (SELECT 1 FROM trial o WHERE o.run_id = t.run_id AND o.change = t.change AND o.number < t.number)"
        )
        order = "t.number"
        if let number = token.number {
          conditions.append("t.number > :number")
          arguments["number"] = number
        }
      case .orphaned: return try Self.orphaned(database, request, token: token, limit: limit)
      case .bestLineage, .subtree:
        return try Self.relatives(database, request, token: token, limit: limit)
      default:
        throw RPCError(
          .invalidArgument, reason: "UNKNOWN_VIEW", "name a view; see TrialView in assay/lineage/v1")
      }
      let rows = try Row.fetchAll(
        database,
        sql:
          "SELECT \(Self.columns), v.rank \(from) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT :limit",
        arguments: StatementArguments(arguments))
      return try Self.page(rows, limit: limit, brief: request.brief) {
        PageToken(number: $0["number"], rank: $0["rank"])
      }
    }
  }

  /// The records of a page and the token of the next. A page ends early rather than outgrow a message.
  static func page(
    _ rows: [Row], limit: Int, brief: Bool, token: (Row) -> PageToken
  ) throws -> (records: [LineageV1.TrialRecord], next: String) {
    var records: [LineageV1.TrialRecord] = []
    var bytes = 0
    for row in rows.prefix(limit) {
      let record = try record(row, brief: brief, whole: false)
      bytes += (record.trial?.proposal?.edit.count ?? 0) + record.logExcerpt.utf8.count + 8192
      if bytes > RPCLimits.maximumMessageBytes / 2, !records.isEmpty { break }
      records.append(record)
    }
    return (records, records.count < rows.count ? token(rows[records.count - 1]).text : "")
  }

  /// Ancestors of the incumbent, or descendants of a trial, by a walk over the index of parents.
  private static func relatives(
    _ database: Database, _ request: LineageV1.ListTrialsRequest, token: PageToken, limit: Int
  ) throws -> (records: [LineageV1.TrialRecord], next: String) {
    let start: UInt32
    let step: String
    let order: String
    let after: String
    if request.view == .bestLineage {
      let incumbent =
        try UInt32.fetchOne(
          database, sql: "SELECT incumbent FROM standing WHERE run_id = ?", arguments: [request.runId]) ?? 0
      // A page goes on from the parent of its predecessor's last row.
      start = token.number.map { UInt32($0) } ?? incumbent
      step =
        "SELECT t.parent FROM trial t JOIN walk w ON t.run_id = :run AND t.number = w.number WHERE t.parent IS NOT NULL"
      order = "t.number DESC"
      after = token.number == nil ? "" : "AND t.number < :after"
    } else {
      start = request.root
      step = "SELECT t.number FROM trial t JOIN walk w ON t.run_id = :run AND t.parent = w.number"
      order = "t.number"
      after = token.number == nil ? "" : "AND t.number > :after"
    }
    var arguments: [String: (any DatabaseValueConvertible)?] = [
      "run": request.runId, "start": start, "limit": limit + 1,
    ]
    if let number = token.number { arguments["after"] = number }
    let bound = request.view == .bestLineage ? "LIMIT \(limit + 2)" : ""
    let rows = try Row.fetchAll(
      database,
      sql: """
        WITH RECURSIVE walk (number) AS (SELECT :start UNION \(step) \(bound))
        SELECT \(columns) \(source) WHERE t.run_id = :run AND t.number IN (SELECT number FROM walk) \(after)
        ORDER BY \(order) LIMIT :limit
        """, arguments: StatementArguments(arguments))
    return try page(rows, limit: limit, brief: request.brief) { PageToken(number: $0["number"], rank: nil) }
  }

  public func snapshot(_ run: String, _ id: String) async throws -> LineageV1.Snapshot {
    try await read { database in
      // Only snapshots of the run that was named: a caller of one run learns nothing of another.
      guard
        try Bool.fetchOne(
          database, sql: "SELECT 1 FROM trial WHERE run_id = ? AND snapshot_id = ? LIMIT 1",
          arguments: [run, id]) != nil
      else {
        throw RPCError(
          .notFound, reason: "UNKNOWN_SNAPSHOT", "run \(run.prefix(64)) has no snapshot \(id.prefix(64))")
      }
      var snapshot = LineageV1.Snapshot()
      snapshot.snapshotId = id
      snapshot.files = try Row.fetchAll(
        database,
        sql:
          "SELECT f.path, b.content FROM snapshot_file f JOIN blob b ON b.digest = f.digest WHERE f.snapshot_id = ? ORDER BY f.path",
        arguments: [id]
      ).map { row in
        var file = LineageV1.RecipeFile()
        file.path = row["path"]
        file.content = [UInt8](row["content"] as Data)
        return file
      }
      return snapshot
    }
  }

  /// Events after a sequence number, at once.
  public func events(_ run: String, after: UInt64, limit: Int) async throws -> [LineageV1.Event] {
    try await read { database in
      let condition = run.isEmpty ? "" : "run_id = :run AND"
      return try Row.fetchAll(
        database,
        sql: "SELECT * FROM event WHERE \(condition) sequence > :after ORDER BY sequence LIMIT :limit",
        arguments: run.isEmpty
          ? ["after": Int64(clamping: after), "limit": limit]
          : ["run": run, "after": Int64(clamping: after), "limit": limit]
      ).map { row in
        var event = LineageV1.Event()
        event.sequence = UInt64(row["sequence"] as Int64)
        event.runId = row["run_id"]
        event.kind = LineageV1.EventKind(rawValue: row["kind"])
        event.trial = row["trial"]
        event.recordedAtMs = row["recorded_at_ms"]
        return event
      }
    }
  }

  /// Counts, from tallies that every verdict keeps.
  public func summary(_ run: String) async throws -> LineageV1.SummarizeResponse {
    try await read { database in
      _ = try Self.run(database, run)
      var response = LineageV1.SummarizeResponse()
      if let standing = try Row.fetchOne(
        database, sql: "SELECT * FROM standing WHERE run_id = ?", arguments: [run])
      {
        response.incumbent = standing["incumbent"]
        response.incumbentScore = standing["incumbent_score"]
        response.baselineScore = standing["baseline_score"]
        response.trials = standing["trials"]
      }
      response.revoked =
        try UInt32.fetchOne(
          database, sql: "SELECT COUNT(*) FROM revocation WHERE run_id = ?", arguments: [run]) ?? 0
      var labels: [Int32: UInt32] = [:]
      var specialists: [String: LineageV1.SpecialistSummary] = [:]
      func update(_ name: String, _ change: (inout LineageV1.SpecialistSummary) -> Void) {
        guard !name.isEmpty else { return }
        var summary = specialists[name] ?? .init()
        summary.specialist = name
        change(&summary)
        specialists[name] = summary
      }
      for row in try Row.fetchAll(
        database, sql: "SELECT specialist, label, count FROM tally WHERE run_id = ? AND count > 0",
        arguments: [run])
      {
        let (label, count) = (LineageV1.VerdictLabel(rawValue: row["label"]), row["count"] as UInt32)
        if label == .unspecified {
          response.inFlight += count
        } else {
          labels[label.rawValue, default: 0] += count
        }
        update(row["specialist"]) { summary in
          summary.trials += count
          if label == .keep { summary.kept += count }
          if label == .unspecified { summary.inFlight += count }
        }
      }
      response.labels = labels.sorted { $0.key < $1.key }.map { number, count in
        var label = LineageV1.LabelCount()
        label.label = LineageV1.VerdictLabel(rawValue: number)
        label.count = count
        return label
      }
      response.specialists = specialists.values.sorted { $0.specialist < $1.specialist }
      return response
    }
  }

  /// The newest insights, newest last.
  func insights(_ run: String, limit: Int) async throws -> [AgentV1.Insight] {
    try await read { database in
      try Data.fetchAll(
        database, sql: "SELECT body FROM insight WHERE run_id = ? ORDER BY sequence DESC LIMIT ?",
        arguments: [run, limit]
      )
      .map { try AgentV1.Insight(serialized: [UInt8]($0)) }.reversed()
    }
  }
}
