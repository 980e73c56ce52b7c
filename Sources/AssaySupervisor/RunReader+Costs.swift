import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import Logging

extension RunReader {
  /// What the run cost so far.
  ///
  /// - Parameter directory: the run's folder; its evaluator is asked for the ledger of model requests, and started for the purpose
  ///   when the run is stopped.
  public func costs(_ directory: StateDirectory) async throws -> CostReport {
    var records: [LineageV1.TrialRecord] = []
    var request = LineageV1.ListTrialsRequest()
    request.runId = description.runID
    request.view = .all
    request.pageSize = 500
    request.brief = true
    repeat {
      let page = try await lineage.listTrials(request, quick)
      records += page.records
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return CostReport(
      run: try await run().run ?? .init(), records: records,
      costs: try await Fleet.costs(of: directory, description, running: running))
  }
}

extension Fleet {
  /// The evaluator's ledger; nil where the evaluator is somebody else's and keeps none.
  static func costs(
    of directory: StateDirectory, _ description: RunDescription, running: Bool, as caller: String? = nil
  ) async throws -> EvaluatorV1.GetCostsResponse? {
    let client =
      try caller.map { try directory.client(of: "evaluator", as: $0) }
      ?? directory.operatorClient(of: "evaluator")
    defer { client.close() }
    var request = EvaluatorV1.GetCostsRequest()
    request.runId = description.runID
    let wanted = request
    let ask: @Sendable () async throws -> EvaluatorV1.GetCostsResponse? = {
      do throws(RPCError) {
        return try await EvaluatorServiceClient(client).getCosts(
          wanted, CallOptions(timeout: .seconds(20), waitForReady: true))
      } catch {
        if error.code == .unimplemented || error.code == .notFound { return nil }
        throw SupervisorError(error)
      }
    }
    if running || description.evaluator != nil { return try await ask() }
    let process = try evaluatorProcess(of: directory, description, prepared: StateLocator.preparedDefault())
    return try await withThrowingTaskGroup(of: EvaluatorV1.GetCostsResponse??.self) { group in
      group.addTask {
        try await process.run(logger: Logger(label: "assay"))
        return .some(nil)
      }
      group.addTask { .some(try await ask()) }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let answer = next { return answer }
      }
      return nil
    }
  }
}
