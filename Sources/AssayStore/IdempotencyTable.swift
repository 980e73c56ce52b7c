import Crypto
import Foundation
public import GRDB

/// Answers to calls by their idempotency keys, written in the same transaction as the effect.
public enum IdempotencyTable {
  /// SQL of the table, for a migration.
  public static let schema = """
    CREATE TABLE idempotency (
      scope TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, response BLOB NOT NULL,
      PRIMARY KEY (scope, key)
    ) STRICT, WITHOUT ROWID;
    """

  /// The stored answer of a key, nil when it is new.
  ///
  /// - Throws: `StoreError` with `.keyReused` when the key came with another body.
  public static func response(_ database: Database, scope: String, key: String, body: [UInt8]) throws
    -> [UInt8]?
  {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT body, response FROM idempotency WHERE scope = ? AND key = ?",
        arguments: [scope, key])
    else { return nil }
    guard (row["body"] as Data) == Self.digest(body) else {
      throw StoreError(
        .keyReused,
        "idempotency key '\(key.prefix(64))' was used with another body; use a new key for a new effect")
    }
    return [UInt8](row["response"] as Data)
  }

  public static func store(_ database: Database, scope: String, key: String, body: [UInt8], response: [UInt8])
    throws
  {
    try database.execute(
      sql: "INSERT INTO idempotency (scope, key, body, response) VALUES (?, ?, ?, ?)",
      arguments: [scope, key, digest(body), Data(response)])
  }

  private static func digest(_ body: [UInt8]) -> Data { Data(SHA256.hash(data: body)) }
}
