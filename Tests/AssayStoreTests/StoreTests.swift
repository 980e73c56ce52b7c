import Foundation
import GRDB
import Glibc
import Synchronization
import Testing

@testable import AssayStore

@Suite struct StoreTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "assay-store-\(UUID().uuidString)")
  var path: String { folder.appending(path: "x.sqlite").path }
  static let schema = ["CREATE TABLE item (n INTEGER PRIMARY KEY) STRICT;\n" + IdempotencyTable.schema]

  @Test func isDurableAndPrivate() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    let level = try await store.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    let mode = try await store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
    #expect(level == 2)
    #expect(mode == "wal")
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func hasOneOwner() throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    let refusal = #expect(throws: StoreError.self) { try Store.open(at: path, migrations: Self.schema) }
    #expect(refusal?.code == .inUse)
    #expect(refusal?.message.contains("process \(getpid())") == true)
    withExtendedLifetime(store) {}
  }

  @Test func refusesANewerSchemaUntouched() async throws {
    do {
      let store = try Store.open(
        at: path, migrations: Self.schema + ["CREATE TABLE later (n INTEGER) STRICT"])
      try await store.write { try $0.execute(sql: "INSERT INTO item VALUES (7)") }
      await store.close()
    }
    let refusal = #expect(throws: StoreError.self) { try Store.open(at: path, migrations: Self.schema) }
    #expect(refusal?.code == .newerVersion)
    let store = try Store.open(at: path, migrations: Self.schema + ["CREATE TABLE later (n INTEGER) STRICT"])
    #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT n FROM item") } == 7)
  }

  @Test func aFailingWriteTakesNothingElseBack() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    let failures = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          do {
            try await store.write { database in
              try database.execute(sql: "INSERT INTO item VALUES (?)", arguments: [number])
              // Every third breaks after its insert, and a fourth of them by a constraint.
              if number % 3 == 0 {
                try database.execute(sql: "INSERT INTO item VALUES (?)", arguments: [number])
              }
            }
            return false
          } catch {
            return true
          }
        }
      }
      var count = 0
      for await failed in group where failed { count += 1 }
      return count
    }
    let kept = try await store.read { try Int.fetchAll($0, sql: "SELECT n FROM item ORDER BY n") }
    #expect(failures == 67)
    #expect(kept == (0..<200).filter { $0 % 3 != 0 })
  }

  @Test func keysHaveOneEffect() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    @Sendable func submit(_ body: [UInt8]) async throws -> [UInt8] {
      try await store.write { database in
        if let known = try IdempotencyTable.response(database, scope: "s", key: "k", body: body) {
          return known
        }
        try database.execute(sql: "INSERT INTO item DEFAULT VALUES")
        let answer = [UInt8(truncatingIfNeeded: database.lastInsertedRowID)]
        try IdempotencyTable.store(database, scope: "s", key: "k", body: body, response: answer)
        return answer
      }
    }
    let first = try await submit([1])
    #expect(try await submit([1]) == first)
    await #expect { _ = try await submit([2]) } throws: { ($0 as? StoreError)?.code == .keyReused }
    #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM item") } == 1)
  }

  @Test func survivesWithoutAnOrderlyEnd() async throws {
    // A copy of the files while the owner is still running is what a power cut leaves.
    let store = try Store.open(at: path, migrations: Self.schema)
    for number in 0..<50 {
      try await store.write { try $0.execute(sql: "INSERT INTO item VALUES (?)", arguments: [number]) }
    }
    let copy = folder.appending(path: "copy.sqlite").path
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    let again = try Store.open(at: copy, migrations: Self.schema)
    #expect(try await again.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM item") } == 50)
    withExtendedLifetime(store) {}
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
  func aFullDiskIsATypedErrorAndLosesNothing() async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=1m") == 0)
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    let store = try Store.open(
      at: path, migrations: ["CREATE TABLE item (n INTEGER PRIMARY KEY, b BLOB) STRICT"])
    var acknowledged = 0
    var refusal: StoreError?
    while refusal == nil, acknowledged < 1000 {
      do {
        let number = acknowledged
        try await store.write {
          try $0.execute(sql: "INSERT INTO item VALUES (?, zeroblob(20000))", arguments: [number])
        }
        acknowledged += 1
      } catch let error as StoreError {
        refusal = error
      }
    }
    #expect(refusal?.code == .diskFull || refusal?.code == .inputOutput)
    #expect(acknowledged > 0)
    #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM item") } == acknowledged)
  }

  @Test func whatACrashLeftIsWrittenAgainBeforeItCounts() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    try await store.write { try $0.execute(sql: "INSERT INTO item VALUES (1)") }
    let copy = folder.appending(path: "copy.sqlite").path
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    // What the log had is in the database: nothing rests on whether the log ever got to the disk.
    let again = try Store.open(at: copy, migrations: Self.schema)
    let size = try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? Int
    #expect(size == 0)
    #expect(try await again.read { try Int.fetchOne($0, sql: "SELECT n FROM item") } == 1)
    withExtendedLifetime(store) {}
  }

  private final class Count: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock { $0 } }
    func add(_ number: Int) { state.withLock { $0 += number } }
  }

  @Test func aTransactionThatBreaksOffCommitsNothingMoreOfItself() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    let count = 50
    let begun = Count()
    let acknowledged = await withTaskGroup(of: Result<Int, any Error>.self) { group in
      for number in 0..<count {
        group.addTask {
          begun.add(1)
          do {
            try await store.write { database in
              // The first one holds the others up, so that they share a transaction.
              if number == 0 { while begun.value < count {} }
              try database.execute(sql: "INSERT INTO item VALUES (?)", arguments: [number])
              guard number == count / 2 else { return }
              // What SQLite does by itself when a savepoint cannot be taken back.
              try database.execute(sql: "ROLLBACK")
              throw CancellationError()
            }
            return .success(number)
          } catch {
            return .failure(error)
          }
        }
      }
      var numbers: [Int] = []
      for await result in group {
        switch result {
        case .success(let number): numbers.append(number)
        case .failure(let error): #expect((error as? StoreError)?.code == .inputOutput, "\(error)")
        }
      }
      return numbers.sorted()
    }
    #expect(
      try await store.read { try Int.fetchAll($0, sql: "SELECT n FROM item ORDER BY n") } == acknowledged)
    #expect(acknowledged.count < count)
    try await store.write { try $0.execute(sql: "INSERT INTO item VALUES (1000)") }
  }

  @Test func aFailureOfTheDiskIsTypedAndRemembered() async throws {
    let store = try Store.open(at: path, migrations: Self.schema)
    #expect(store.health.trouble == nil)
    let failures: [(ResultCode, StoreError.Code)] = [
      (.SQLITE_IOERR, .inputOutput), (.SQLITE_CANTOPEN, .inputOutput), (.SQLITE_FULL, .diskFull),
    ]
    for (code, expected) in failures {
      let refusal = await #expect(throws: StoreError.self) {
        try await store.write { _ in throw DatabaseError(resultCode: code) }
      }
      #expect(refusal?.code == expected)
    }
    #expect(store.health.failures == 3)
    #expect(store.health.trouble != nil)
    // What a caller did wrong says nothing of the disk.
    await #expect(throws: DatabaseError.self) {
      try await store.write { try $0.execute(sql: "INSERT INTO item VALUES (1), (1)") }
    }
    #expect(store.health.failures == 3)
  }

  @Test func aSteadyClockMovesWithTimeAlone() {
    let uptime = Count()
    uptime.add(500)
    let clock = SteadyClock(at: 1_000_000, uptime: { Int64(uptime.value) })
    #expect(clock.now() == 1_000_000)
    uptime.add(250)
    #expect(clock.now() == 1_000_250)
    #expect(clock.uptime(at: 1_000_250) == 750)
  }
}
