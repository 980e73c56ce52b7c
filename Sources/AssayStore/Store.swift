import Dispatch
import Foundation
public import GRDB
import Glibc
import Synchronization

/// One SQLite database, owned by one process through one connection, durable at every commit.
///
/// WAL with `synchronous=FULL`: what `write` returned from survives power loss. Writes that wait at the same time
/// share one commit; each has a savepoint of its own, so that one failing takes nothing else back.
public final class Store: Sendable {
  public let path: String
  public let health = StateHealth()
  private let queue: DatabaseQueue
  private let executor: DispatchQueue
  private let lock: FileLock
  private let waiting = Mutex<[any PendingWrite]>([])

  /// Opens or makes a database.
  ///
  /// - Parameter migrations: SQL scripts, in order; a database remembers how many it has seen. Never edit one that was
  ///   released, append another.
  /// - Throws: `StoreError`.
  public static func open(at path: String, migrations: [String]) throws -> Store {
    try Store(path: path, migrations: migrations)
  }

  private init(path: String, migrations: [String]) throws {
    self.path = path
    let folder = URL(filePath: path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StoreError(.inputOutput, "cannot make \(folder): \(error.localizedDescription)")
    }
    lock = try FileLock(path: path + ".lock", owned: path)
    executor = DispatchQueue(label: "assay.store")
    // A write-ahead log that is still there tells of an end that was not orderly.
    let orderly = !FileManager.default.fileExists(atPath: path + "-wal")
    do {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.makeDurable(queue, path: path)
      if !orderly {
        try Self.check(queue, path: path)
        try Self.settle(queue, path: path)
      }
      try Self.migrate(queue, migrations, path: path)
      chmod(path, 0o600)
    } catch {
      throw StoreError.translate(error, path: path)
    }
  }

  /// GRDB sets `synchronous` after its own hook, so it is set again here, and believed only when read back.
  private static func makeDurable(_ queue: DatabaseQueue, path: String) throws {
    try queue.inDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
      let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode")
      guard level == 2, mode == "wal" else {
        throw StoreError(
          .notDurable,
          "\(path) cannot be opened durably (journal \(mode ?? "?"), synchronous \(level ?? -1)); is it on a network file system?"
        )
      }
    }
  }

  private static func check(_ queue: DatabaseQueue, path: String) throws {
    let result = try queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
    guard result == "ok" else {
      throw StoreError(.corrupt, "\(path) is damaged (\(result ?? "?")). Restore it from a backup.")
    }
  }

  /// Writes what was found in the write-ahead log to the database, and waits until it is on disk.
  ///
  /// A commit whose `fsync` failed was refused, and is found all the same while the kernel still has it: then it counts, and whoever asks
  /// again is told so. But the kernel tells of a write that failed once, and believes it written from then on: unless it is written again,
  /// an acknowledged commit would be gone with the power.
  private static func settle(_ queue: DatabaseQueue, path: String) throws {
    let isWritten = try queue.inDatabase { database in
      let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      // Whoever reads the database keeps the log from being emptied, not from being written.
      return row.map { $0[0] as Int == 0 || $0[1] as Int == $0[2] as Int } ?? false
    }
    guard isWritten else {
      throw StoreError(.inUse, "\(path) is being read by another process. Stop that process.")
    }
  }

  private static func migrate(_ queue: DatabaseQueue, _ migrations: [String], path: String) throws {
    try queue.inDatabase { database in
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard version <= migrations.count else {
        throw StoreError(
          .newerVersion,
          "\(path) was written by a newer Assay (schema \(version), this program knows \(migrations.count)). Update Assay; nothing was changed."
        )
      }
      for number in version..<migrations.count {
        try database.inTransaction {
          try database.execute(sql: migrations[number])
          try database.execute(sql: "PRAGMA user_version = \(number + 1)")
          return .commit
        }
      }
    }
  }

  /// Runs `body` in a transaction and returns when its effect is durable.
  ///
  /// - Throws: what `body` throws, with nothing changed; `StoreError` when the commit fails, with nothing changed for this process. Whether
  ///   such a commit is found after a restart is open, as when an answer was lost.
  public func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws
    -> Result
  {
    try await withCheckedThrowingContinuation { continuation in
      waiting.withLock { $0.append(Write(body: body, continuation: continuation)) }
      executor.async { self.commitWaiting() }
    }
  }

  /// Runs `body` on what is committed.
  public func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws
    -> Result
  {
    try await withCheckedThrowingContinuation { continuation in
      executor.async { [self] in
        continuation.resume(with: Swift.Result { try queue.inDatabase(body) }.mapError(noted))
      }
    }
  }

  /// Ends what is under way, closes the database and gives up its ownership. Later reads and writes fail.
  public func close() async {
    await withCheckedContinuation { continuation in
      executor.async { [queue, lock] in
        try? queue.close()
        lock.release()
        continuation.resume()
      }
    }
  }

  private func commitWaiting() {
    let batch = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    guard !batch.isEmpty else { return }
    do {
      try queue.inDatabase { database in
        try database.inTransaction(.immediate) {
          for write in batch { try write.execute(database) }
          return .commit
        }
      }
      for write in batch { write.finish(nil) }
    } catch {
      let error = noted(error)
      for write in batch { write.finish(error) }
    }
  }

  /// A failure as one of ours; one of the disk is noted.
  private func noted(_ error: any Error) -> any Error {
    let error = StoreError.translate(error, path: path)
    if let failure = error as? StoreError, [.diskFull, .corrupt, .inputOutput].contains(failure.code) {
      health.note(failure.message)
    }
    return error
  }
}

/// A write that waits for its commit.
private protocol PendingWrite: Sendable {
  /// Runs the body in a savepoint. Throws only what ends the whole transaction.
  func execute(_ database: Database) throws
  /// Answers the caller: with the body's result, or with why the commit failed.
  func finish(_ failure: (any Error)?)
}

private final class Write<Result: Sendable>: PendingWrite {
  private let body: @Sendable (Database) throws -> Result
  private let continuation: CheckedContinuation<Result, any Error>
  private let result = Mutex<Swift.Result<Result, any Error>?>(nil)

  init(
    body: @escaping @Sendable (Database) throws -> Result,
    continuation: CheckedContinuation<Result, any Error>
  ) {
    self.body = body
    self.continuation = continuation
  }

  func execute(_ database: Database) throws {
    do {
      var value: Result?
      try database.inSavepoint {
        value = try body(database)
        return .commit
      }
      if let value { result.withLock { $0 = .success(value) } }
    } catch {
      // Out of space or a broken disk ends the transaction for everybody; all else is this body's own failure.
      if let error = error as? DatabaseError, StoreError.isOfTheDisk(error) { throw error }
      result.withLock { $0 = .failure(error) }
    }
    // What could not be taken back to its savepoint has ended the transaction: nothing after it may be committed by itself.
    guard database.isInsideTransaction else {
      throw StoreError(.inputOutput, "the transaction was ended by a failure in one of its parts")
    }
  }

  func finish(_ failure: (any Error)?) {
    if let failure {
      continuation.resume(throwing: failure)
    } else if let result = result.withLock({ $0 }) {
      continuation.resume(with: result)
    } else {
      continuation.resume(throwing: StoreError(.inputOutput, "the write was not executed"))
    }
  }
}
