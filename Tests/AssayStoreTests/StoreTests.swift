import Foundation
import GRDB
import Glibc
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
}
