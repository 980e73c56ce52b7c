import GRDB

/// Every function belongs into a transaction of the caller's.
extension HostReservations {
  static func fetch(_ database: Database) throws -> HostReservations {
    var kept: [JobNeeds: Reservation] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT needs, host, asked_at_ms FROM host_reservations") {
      guard let host = RunnerHostID(row["host"] as String) else { continue }
      kept[JobNeeds(text: row["needs"])] = Reservation(host: host, asked: row["asked_at_ms"])
    }
    return HostReservations(kept)
  }

  func save(_ database: Database) throws {
    try database.execute(sql: "DELETE FROM host_reservations")
    for (need, reservation) in kept {
      try database.execute(
        sql: "INSERT INTO host_reservations (needs, host, asked_at_ms) VALUES (?, ?, ?)",
        arguments: [need.text, reservation.host.description, reservation.asked])
    }
  }
}
