import AssayIdentity
import AssayLog
import AssayMessages
import AssayProof
import AssayRPC
import AssayServices
import AssaySupervisor
import Foundation

/// The hashes of a run's log and the places of its verdicts: enough to prove any one of them without reading all again.
struct ProofIndex: Sendable {
  private var leaves: [[UInt8]] = []
  private var places: [UInt32: Int] = [:]

  private struct Statement: Decodable {
    struct Predicate: Decodable { var trial: UInt32? }
    var predicateType: String
    var predicate: Predicate
  }

  /// Reads what the log has beyond what is known, up to the newest checkpoint that the evaluator vouches for.
  ///
  /// - Returns: the checkpoint.
  mutating func extend(_ run: String, _ lineage: LineageServiceClient) async throws -> [UInt8] {
    var wanted = LineageV1.GetCheckpointRequest()
    wanted.runId = run
    let note = try await lineage.getCheckpoint(wanted, RecordAccess.patient).note
    let size = SignedNote(bytes: note).flatMap { Checkpoint(text: $0.text) }?.size ?? 0
    var request = LineageV1.ListStatementsRequest()
    request.runId = run
    while leaves.count < size {
      request.first = UInt64(leaves.count)
      let page = try await lineage.listStatements(request, RecordAccess.patient).envelopes
      guard !page.isEmpty else { break }
      for envelope in page {
        if let trial = Self.trial(of: envelope), places[trial] == nil { places[trial] = leaves.count }
        leaves.append(MerkleHash.leaf(envelope))
      }
    }
    return note
  }

  /// The trial of a verdict; believes nothing.
  private static func trial(of envelope: [UInt8]) -> UInt32? {
    guard let payload = try? DSSEEnvelope(json: envelope).payload,
      let statement = try? JSONDecoder().decode(Statement.self, from: Data(payload)),
      statement.predicateType.contains("/verdict/")
    else { return nil }
    return statement.predicate.trial
  }

  /// That a verdict is in the log of a checkpoint; nil when it came later.
  func proof(of trial: UInt32, envelope: [UInt8], checkpoint: [UInt8]) -> StatementProof? {
    let size = SignedNote(bytes: checkpoint).flatMap { Checkpoint(text: $0.text) }?.size ?? 0
    guard let place = places[trial], place < size, size <= leaves.count else { return nil }
    return StatementProof(
      envelope: envelope, index: UInt64(place),
      path: MerkleProof.inclusion(of: place, in: leaves[..<Int(size)]), checkpoint: checkpoint)
  }
}
