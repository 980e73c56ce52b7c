public import AssayMessages
import AssayRPC
import Foundation

extension RecordAccess {
  /// What the run's evaluator has in its ledger of model requests.
  ///
  /// While nobody runs the run, its evaluator is started for the purpose, which takes up what it left undone: see `assay costs`.
  ///
  /// - Returns: nil where no ledger is kept, or nobody is there to ask.
  public func costs() async throws -> EvaluatorV1.GetCostsResponse? {
    try await reading { lineage in
      var request = LineageV1.GetRunRequest()
      request.runId = description.runID
      _ = try await lineage.getRun(request, Self.patient)
      let database = directory.state(of: "evaluator").appending(path: "evaluator.sqlite")
      guard !isServing || FileManager.default.fileExists(atPath: database.path) else { return nil }
      return try await Fleet.costs(of: directory, description, running: !isServing, as: "observer")
    }
  }
}
