import AssayMessages
import AssayRPC
import AssayServices

extension RunReader {
  /// How many signed statements the run's log has.
  func statementCount() async throws -> Int { Self.size(of: try await note(newest: true)) }

  /// Gives the evaluator a moment to tell the lineage what it signed and to vouch for it, before it is stopped; it would do so when
  /// it runs again.
  func settle(statements: Int) async throws {
    for _ in 0..<250 {
      if let newest = try? await note(newest: true), Self.size(of: newest) >= statements,
        let kept = try? await note(newest: false), kept.count > newest.count, kept.starts(with: newest)
      {
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The newest checkpoint, or the one that the evaluator cosigned last.
  func note(newest: Bool) async throws -> [UInt8] {
    var request = LineageV1.GetCheckpointRequest()
    request.runId = description.runID
    request.newest = newest
    return try await lineage.getCheckpoint(request, quick).note
  }
}
