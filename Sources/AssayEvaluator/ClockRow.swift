import AssayMessages
import GRDB

/// What an evaluator's clock said when it was opened: the next one goes on from there.
///
/// While the machine is not restarted, what the clock says now is known, whatever was done to the machine's clock meanwhile: stamps go on
/// from it, and where the machine's clock is ahead, all that is due moves with it. After a restart of the machine its clock is believed, as
/// far as that takes no time back.
struct ClockRow: Sendable, Hashable {
  var boot: String
  var uptime: Int64
  var now: Int64

  /// Where a clock begins, and by how much what is due has to move.
  struct Beginning: Sendable, Hashable {
    var now: Int64
    var moved: Int64 = 0
  }

  static func fetch(_ database: Database) throws -> ClockRow? {
    try Row.fetchOne(database, sql: "SELECT boot, uptime_ms, now_ms FROM clock").map {
      ClockRow(boot: $0["boot"], uptime: $0["uptime_ms"], now: $0["now_ms"])
    }
  }

  /// - Parameter latest: the latest time in the state.
  static func beginning(after known: ClockRow?, latest: Int64, _ clock: EvaluatorClock) -> Beginning {
    let wall = clock.wall()
    guard let known else { return Beginning(now: max(wall, latest)) }
    let passed = clock.uptime() - known.uptime
    guard known.boot == clock.boot, !known.boot.isEmpty, passed >= 0 else {
      return Beginning(now: max(wall, latest, known.now))
    }
    let expected = known.now + passed
    // What an accurate clock drifts is no jump.
    guard wall - expected >= 1000 else { return Beginning(now: max(wall, expected)) }
    return Beginning(now: wall, moved: wall - expected)
  }

  /// The latest time that a state knows of without reading every record.
  static func latest(_ database: Database, leaseMilliseconds: Int64) throws -> Int64 {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT MAX(at) FROM (
          SELECT MAX(created_at_ms) AS at FROM runs UNION ALL SELECT MAX(improved_at_ms) FROM run_controls
          UNION ALL SELECT MAX(expires_at_ms) - ? FROM jobs WHERE state = 'leased')
        """, arguments: [leaseMilliseconds]) ?? 0
  }

  /// Takes a clock into use: what is due moves with it, and the next evaluator goes on from it.
  static func begin(_ database: Database, _ beginning: Beginning, _ clock: EvaluatorClock) throws {
    if beginning.moved != 0 {
      let open = """
        run_id IN (SELECT run_id FROM runs WHERE phase NOT IN (
          \(EvaluatorV1.RunPhase.finished.rawValue), \(EvaluatorV1.RunPhase.failed.rawValue)))
        """
      try database.execute(
        sql: """
          UPDATE run_controls SET paused_ms = paused_ms + :moved, improved_at_ms = improved_at_ms + :moved,
            paused_at_ms = paused_at_ms + :moved WHERE \(open)
          """, arguments: ["moved": beginning.moved])
    }
    try database.execute(sql: "DELETE FROM clock")
    try database.execute(
      sql: "INSERT INTO clock (boot, uptime_ms, now_ms) VALUES (?, ?, ?)",
      arguments: [clock.boot, clock.uptime(), clock.now()])
  }
}
