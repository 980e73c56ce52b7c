import AssayVerdict
import Foundation
import GRDB

/// A run is measured on one kind of hardware, that of the host which takes its first job: from then on its jobs need it.
extension JobQueue {
  /// What a run is measured on; nil before its first job, and where its runners do not tell.
  static func hardware(_ database: Database, run: String) throws -> Hardware? {
    let text = try String.fetchOne(
      database, sql: "SELECT hardware FROM runs WHERE run_id = ?", arguments: [run])
    return text.flatMap { try? JSONDecoder().decode(Hardware.self, from: Data($0.utf8)) }
  }

  /// Makes a run that has no hardware yet one of this host's.
  ///
  /// - Parameter needs: of the job that the host takes.
  /// - Returns: what that job needs now.
  func settle(_ database: Database, run: String, on offer: RunnerOffer, _ needs: JobNeeds) throws -> JobNeeds
  {
    guard !offer.processor.isEmpty,
      try String.fetchOne(database, sql: "SELECT hardware FROM runs WHERE run_id = ?", arguments: [run]) == ""
    else { return needs }
    var hardware = Hardware(processor: offer.processor)
    if let gpus = needs.gpus {
      guard let model = offer.model(for: gpus) else { return needs }
      hardware.gpu = model
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try database.execute(
      sql: "UPDATE runs SET hardware = ?, version = version + 1 WHERE run_id = ?",
      arguments: [String(decoding: try encoder.encode(hardware), as: UTF8.self), run])
    let waiting = try String.fetchAll(
      database,
      sql: "SELECT DISTINCT needs FROM jobs WHERE run_id = ? AND state IN ('queued', 'leased')",
      arguments: [run])
    for text in waiting {
      try database.execute(
        sql: "UPDATE jobs SET needs = ? WHERE run_id = ? AND needs = ? AND state IN ('queued', 'leased')",
        arguments: [JobNeeds(text: text).on(hardware).text, run, text])
    }
    database.afterNextTransaction { [settled] _ in settled() }
    return needs.on(hardware)
  }
}
