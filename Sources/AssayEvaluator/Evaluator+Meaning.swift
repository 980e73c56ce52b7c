import AssayMessages
import AssayPatch
import AssayRPC
import AssayTask
import Foundation
import GRDB
import Logging

/// Reads recipes before they are accepted, so that one that was paid for is recognised whatever its comments and formatting.
extension Evaluator {
  /// What reading a recipe showed.
  struct Reading: Sendable {
    /// Nil when it could not be read now: the trial is read again, as often as is needed, before it is run.
    var inspection: Inspection?
    /// By which it was read.
    var rules: TaskFile.Rules?
    /// Canonical forms that were not stored yet, by snapshot id.
    var meanings: [String: RecipeTree] = [:]
    /// Digests, empty where they are not known.
    var meaning = ""
    var change = ""
  }

  /// How long a submission waits for its turn to be read. One whose turn came is read to the end: under load everybody's turn comes when
  /// this is nearly over, and what was broken off then would have to be read again.
  private static let patience = Duration.seconds(6)

  /// Reads a recipe, and those that it is compared with where that was not done before.
  func read(
    _ recipe: RecipeTree, parent: RecipeTree, run: RunRow, _ owned: OwnedTask, _ context: CallContext
  ) async throws -> Reading {
    let known = try await consult { database in
      // After an audit a recipe that was clean need not be.
      let trees = (run.auditedDigest.isEmpty ? [recipe] : []) + [parent, owned.task.baseline]
      return try Dictionary(
        trees.compactMap { tree in
          try Self.meaning(database, run: run.id, tree.digest).map { (tree.digest, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
    let rules = run.rules ?? owned.task.file.rules
    let reading = try await readers.atHead(for: context, within: Self.patience) {
      await self.reading(recipe, parent: parent, known: known, rules: rules, owned)
    }
    try Task.checkCancellation()
    return reading ?? Reading()
  }

  private func reading(
    _ recipe: RecipeTree, parent: RecipeTree, known: [String: RecipeTree], rules: TaskFile.Rules,
    _ owned: OwnedTask
  ) async -> Reading {
    var known = known
    var reading = Reading()
    reading.rules = rules
    func look(at tree: RecipeTree) async -> Inspection? {
      if let meaning = known[tree.digest] { return .clean(meaning: meaning) }
      do {
        let inspection = try await owned.scorer.inspect(tree, rules: rules)
        if case .clean(let meaning) = inspection {
          known[tree.digest] = meaning
          reading.meanings[tree.digest] = meaning
        }
        return inspection
      } catch {
        logger.warning("a recipe could not be read before it was accepted, and is read again: \(error)")
        return nil
      }
    }
    reading.inspection = await look(at: recipe)
    guard case .clean(let meaning)? = reading.inspection else { return reading }
    reading.meaning = meaning.digest
    _ = await look(at: owned.task.baseline)
    if case .clean(let before)? = await look(at: parent) {
      reading.change = RecipeChange(from: before, to: meaning).digest
    }
    return reading
  }

  // MARK: Storage

  static func meaning(_ database: Database, run: String, _ snapshot: String) throws -> RecipeTree? {
    guard
      let content = try Data.fetchOne(
        database, sql: "SELECT content FROM meanings WHERE run_id = ? AND snapshot_id = ?",
        arguments: [run, snapshot])
    else { return nil }
    return try RecipeTree(LineageV1.Snapshot(serialized: [UInt8](content)))
  }

  static func store(_ database: Database, run: String, _ meanings: [String: RecipeTree]) throws {
    for (snapshot, meaning) in meanings {
      try database.execute(
        sql:
          "INSERT INTO meanings (run_id, snapshot_id, meaning, content) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        arguments: [run, snapshot, meaning.digest, Data(meaning.wire.serialized())])
    }
  }

  /// Refuses a recipe that was tried before. What was lost by a failure of ours may be tried again.
  ///
  /// - Parameter meaning: the digest of its canonical form; empty where it is not known.
  /// - Throws: `RPCError`, ALREADY_EXISTS / DUPLICATE_RECIPE, with the number of the trial.
  static func refuseDuplicate(
    _ database: Database, run: String, recipe: RecipeTree, meaning: String, parent: UInt32
  ) throws {
    let same = try first(
      database, "SELECT trial, verdict FROM trials WHERE run_id = ? AND snapshot_id = ? ORDER BY trial",
      [run, recipe.digest])
    if let same {
      throw RPCError(
        .alreadyExists, reason: "DUPLICATE_RECIPE",
        "trial \(same) has exactly this recipe; read its verdict instead of paying for it again",
        metadata: ["trial": "\(same)", "differs_in": "nothing"])
    }
    guard !meaning.isEmpty else { return }
    let alike = try first(
      database,
      """
      SELECT t.trial, t.verdict FROM meanings m
        JOIN trials t ON t.run_id = m.run_id AND t.snapshot_id = m.snapshot_id
      WHERE m.run_id = ? AND m.meaning = ? ORDER BY t.trial
      """, [run, meaning])
    guard let alike else { return }
    throw RPCError(
      .alreadyExists, reason: "DUPLICATE_RECIPE",
      alike == parent
        ? "the edit touches only comments and formatting of trial \(alike); change what the recipe does"
        : "trial \(alike) has this recipe but for comments and formatting; read its verdict instead of paying for it again",
      metadata: ["trial": "\(alike)", "differs_in": "formatting"])
  }

  private static func first(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws
    -> UInt32?
  {
    for row in try Row.fetchAll(database, sql: sql, arguments: arguments) {
      let verdict = try (row["verdict"] as Data?).map {
        try LineageV1.Verdict(serialized: [UInt8]($0))
      }
      if verdict?.label != .harnessAbort { return UInt32(clamping: row["trial"] as Int64) }
    }
    return nil
  }
}
