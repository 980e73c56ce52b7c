import AssayIdentity
import AssayMessages
import AssayVerdict
import Foundation
import GRDB

/// What a runner signed of a job, as it is kept.
struct Provenance: Sendable {
  var runnerKey: String
  var envelope: [UInt8]

  /// A verdict's record has to fit a message.
  private static let maximumBytes = 4 << 20

  static func insert(
    _ database: Database, _ job: JobQueue.Held, _ envelope: [UInt8], by identity: PublicIdentity
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO provenance (job_id, run_id, trial, purpose, runner_key, envelope) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (job_id) DO UPDATE SET runner_key = excluded.runner_key, envelope = excluded.envelope
        """,
      arguments: [
        job.id, job.measurement.run, job.measurement.trial, job.measurement.purpose.rawValue, identity.text,
        Data(envelope),
      ])
  }

  /// Of the jobs that a trial's verdict rests on, in the order in which they ended; as many as a record holds.
  static func fetch(_ database: Database, run: String, trial: UInt32) throws -> [Provenance] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT runner_key, envelope FROM provenance WHERE run_id = ? AND trial = ? AND purpose <> ?
        ORDER BY number LIMIT \(ProvenanceStatement.maximumCount)
        """, arguments: [run, trial, MeasurementID.Purpose.final.rawValue])
    var all: [Provenance] = []
    var bytes = 0
    while let row = try rows.next() {
      let envelope = [UInt8](row["envelope"] as Data)
      bytes += envelope.count
      if bytes > maximumBytes { break }
      all.append(Provenance(runnerKey: row["runner_key"], envelope: envelope))
    }
    return all
  }
}

extension Evaluator {
  /// Why a report is not believed: what the runner signed is missing, is not signed by it, or says something else than the job that
  /// it leased and the report that it sent. Nil when all agrees.
  func fault(
    of report: RunnerV1.CompleteJobRequest, _ held: JobQueue.Held, on hardware: Hardware?,
    by identity: PublicIdentity
  ) -> String? {
    guard !report.provenance.isEmpty else { return "it comes without a signed provenance" }
    let statement: ProvenanceStatement
    do throws(IdentityError) {
      statement = try ProvenanceStatement.verified(envelope: report.provenance, key: identity)
    } catch {
      return "its provenance cannot be used (\(Bounded.text(error.message, 300)))"
    }
    var job = held.spec
    job.fencingToken = report.fencingToken
    if let part = statement.disagreement(with: job, report) {
      return "its provenance says something else of \(part)"
    }
    // A step that its scheduler killed says of no node what it is; it has measured nothing.
    let isUnknown = statement.host.cpu.isEmpty && report.outcome != .exited
    if let hardware, !isUnknown, !hardware.isThat(of: statement.host) {
      let models = Set((statement.host.gpus ?? []).map(\.model)).sorted()
      return
        "it was run on \(Bounded.text(([statement.host.cpu] + models).joined(separator: ", "), 300)), and the run is measured on \(hardware.text); give each kind of nodes a runner of its own"
    }
    for (name, digest) in statement.mounts {
      if let own = mounts[name], own != digest {
        return "\(name) on the runner's host is not what was prepared here"
      }
    }
    return nil
  }
}
