import AssayMessages
import Foundation
import GRDB

/// The accounts of one run, as they are stored. Each function belongs into the transaction of the change that it accounts for, so
/// that a process that is killed leaves both or neither.
struct Ledger {
  let database: Database
  let run: String

  /// The account of one specialist.
  struct Entry: Sendable, Hashable {
    var account = Account()
    /// It was refused for good.
    var isExhausted = false
  }

  init(_ database: Database, run: String) {
    self.database = database
    self.run = run
  }

  // MARK: Accounts

  func entries() throws -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM accounts WHERE run_id = ?", arguments: [run])
    {
      entries[row["specialist"]] = try Self.entry(row)
    }
    return entries
  }

  func entry(of specialist: String) throws -> Entry {
    try Row.fetchOne(
      database, sql: "SELECT * FROM accounts WHERE run_id = ? AND specialist = ?",
      arguments: [run, specialist]
    ).map(Self.entry) ?? Entry()
  }

  /// The account of the whole run.
  func total() throws -> Account { try entries().values.reduce(Account()) { $0 + $1.account } }

  private static func entry(_ row: Row) throws -> Entry {
    let decoder = JSONDecoder()
    return Entry(
      account: Account(
        settled: try decoder.decode(Amount.self, from: row["settled"] as Data),
        reserved: try decoder.decode(Amount.self, from: row["reserved"] as Data)),
      isExhausted: (row["exhausted"] as Int64) != 0)
  }

  private func store(_ entry: Entry, of specialist: String) throws {
    let encoder = JSONEncoder()
    try database.execute(
      sql: """
        INSERT INTO accounts (run_id, specialist, exhausted, settled, reserved) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (run_id, specialist) DO UPDATE SET exhausted = excluded.exhausted, settled = excluded.settled,
          reserved = excluded.reserved
        """,
      arguments: [
        run, specialist, entry.isExhausted, try encoder.encode(entry.account.settled),
        try encoder.encode(entry.account.reserved),
      ])
  }

  private func change(_ specialist: String, _ body: (inout Entry) -> Void) throws {
    var entry = try entry(of: specialist)
    body(&entry)
    try store(entry, of: specialist)
  }

  func markExhausted(_ specialist: String) throws { try change(specialist) { $0.isExhausted = true } }

  /// Bounds have changed: who was refused may ask again.
  func forgetRefusals() throws {
    try database.execute(sql: "UPDATE accounts SET exhausted = 0 WHERE run_id = ?", arguments: [run])
  }

  // MARK: Trials

  func reserve(trial: UInt32, by specialist: String, _ amount: Amount) throws {
    try database.execute(
      sql: "INSERT INTO trial_spend (run_id, trial, specialist, state, amount) VALUES (?, ?, ?, 'open', ?)",
      arguments: [run, trial, specialist, try JSONEncoder().encode(amount)])
    try change(specialist) { $0.account.reserve(amount) }
  }

  /// Closes the reservation of a trial: with what it used, or nil for a failure of ours. A trial without one is none of ours.
  func close(trial: UInt32, _ used: Amount?) throws {
    guard
      let row = try Row.fetchOne(
        database,
        sql: "SELECT specialist, amount FROM trial_spend WHERE run_id = ? AND trial = ? AND state = 'open'",
        arguments: [run, trial])
    else { return }
    let reserved = try JSONDecoder().decode(Amount.self, from: row["amount"] as Data)
    try database.execute(
      sql: "UPDATE trial_spend SET state = ?, amount = ? WHERE run_id = ? AND trial = ?",
      arguments: [
        used == nil ? "refunded" : "settled", try JSONEncoder().encode(used ?? Amount()), run, trial,
      ])
    try change(row["specialist"]) { entry in
      if let used {
        entry.account.settle(used, reserved: reserved)
      } else {
        entry.account.refund(reserved)
      }
    }
  }

  // MARK: Smoke runs

  func setAside(_ amount: Amount, by specialist: String) throws {
    try change(specialist) { $0.account.reserve(amount) }
  }

  /// Closes what was set aside: with what was used, or nil for a failure of ours.
  func close(_ amount: Amount, _ used: Amount?, by specialist: String) throws {
    try change(specialist) { entry in
      if let used {
        entry.account.settle(used, reserved: amount)
      } else {
        entry.account.refund(amount)
      }
    }
  }

  // MARK: Model requests

  struct ModelRequest: Sendable {
    var request, specialist, session, provider, model, purpose: String
    var usage: EvaluatorV1.ModelUsage
    var amount: Amount
    var isPriced: Bool
    /// Digest of what was asked, to know the same call from another under its name.
    var body: String
  }

  struct StoredRequest: Sendable {
    var specialist: String
    var state: String
    var amount: Amount
    /// Digests of the reservation and of what closed it.
    var body, closing: String
  }

  func request(_ name: String) throws -> StoredRequest? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM model_spend WHERE run_id = ? AND request = ?", arguments: [run, name]
    ).map { row in
      StoredRequest(
        specialist: row["specialist"], state: row["state"],
        amount: try JSONDecoder().decode(Amount.self, from: row["amount"] as Data), body: row["body"],
        closing: row["closing"])
    }
  }

  /// The account of one session of a specialist.
  func account(ofSession session: String, _ specialist: String) throws -> Account {
    var account = Account()
    for row in try Row.fetchAll(
      database,
      sql: "SELECT state, amount FROM model_spend WHERE run_id = ? AND specialist = ? AND session = ?",
      arguments: [run, specialist, session])
    {
      let amount = try JSONDecoder().decode(Amount.self, from: row["amount"] as Data)
      switch row["state"] as String {
      case "open": account.reserve(amount)
      case "settled", "lost": account.settle(amount, reserved: Amount())
      default: continue
      }
    }
    return account
  }

  func reserve(_ request: ModelRequest) throws {
    try database.execute(
      sql: """
        INSERT INTO model_spend (run_id, request, specialist, session, provider, model, purpose, state, priced, body, usage, amount)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)
        """,
      arguments: [
        run, request.request, request.specialist, request.session, request.provider, request.model,
        request.purpose, request.isPriced, request.body, Data(request.usage.serialized()),
        try JSONEncoder().encode(request.amount),
      ])
    try change(request.specialist) { $0.account.reserve(request.amount) }
  }

  /// Charges in full what a specialist left open: what those requests used is not known.
  func giveUp(requestsOf specialist: String) throws {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT amount FROM model_spend WHERE run_id = ? AND specialist = ? AND state = 'open'",
      arguments: [run, specialist])
    guard !rows.isEmpty else { return }
    let amounts = try rows.map { try JSONDecoder().decode(Amount.self, from: $0["amount"] as Data) }
    try database.execute(
      sql: "UPDATE model_spend SET state = 'lost' WHERE run_id = ? AND specialist = ? AND state = 'open'",
      arguments: [run, specialist])
    try change(specialist) { entry in
      for amount in amounts { entry.account.settle(amount, reserved: amount) }
    }
  }

  /// Closes a reservation that was not closed: with what the request used, or nil when it is taken back.
  func close(
    _ name: String, _ open: StoredRequest, used: (model: String, EvaluatorV1.ModelUsage, Amount)?,
    closing: String
  ) throws {
    let amount = used?.2 ?? Amount()
    try database.execute(
      sql: """
        UPDATE model_spend SET state = ?, closing = ?, model = COALESCE(?, model), usage = ?, amount = ?
        WHERE run_id = ? AND request = ?
        """,
      arguments: [
        used == nil ? "refunded" : "settled", closing, used.flatMap { $0.model.isEmpty ? nil : $0.model },
        Data((used?.1 ?? EvaluatorV1.ModelUsage()).serialized()), try JSONEncoder().encode(amount), run, name,
      ])
    try change(open.specialist) { entry in
      if open.state == "lost" {
        entry.account.correct(from: open.amount, to: amount)
      } else if used == nil {
        entry.account.refund(open.amount)
      } else {
        entry.account.settle(amount, reserved: open.amount)
      }
    }
  }

  /// Every model request, added up by specialist, provider, model and purpose.
  func modelCosts() throws -> [EvaluatorV1.ModelCost] {
    var costs: [[String]: EvaluatorV1.ModelCost] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM model_spend WHERE run_id = ?", arguments: [run])
    {
      let key: [String] = [row["specialist"], row["provider"], row["model"], row["purpose"]]
      var cost = costs[key] ?? EvaluatorV1.ModelCost()
      (cost.specialist, cost.provider, cost.model, cost.purpose) = (key[0], key[1], key[2], key[3])
      cost.requests += 1
      switch row["state"] as String {
      case "open", "lost": cost.unsettled += 1
      case "refunded": cost.refunded += 1
      default: break
      }
      if (row["priced"] as Int64) == 0 { cost.unpriced += 1 }
      let usage = try EvaluatorV1.ModelUsage(serialized: [UInt8](row["usage"] as Data))
      let amount = try JSONDecoder().decode(Amount.self, from: row["amount"] as Data)
      var sum = cost.usage ?? EvaluatorV1.ModelUsage()
      sum.inputTokens &+= usage.inputTokens
      sum.outputTokens &+= usage.outputTokens
      sum.cacheReadTokens &+= usage.cacheReadTokens
      sum.cacheWriteTokens &+= usage.cacheWriteTokens
      cost.usage = sum
      cost.nanodollars = (Amount(nanodollars: cost.nanodollars) + amount).nanodollars
      costs[key] = cost
    }
    return costs.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }
}
