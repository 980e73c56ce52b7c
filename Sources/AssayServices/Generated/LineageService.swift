// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.lineage.v1.LineageService`.
public protocol LineageService: Sendable {
  /// Registers a run. The same run again is accepted, another body for the same id is refused.
  func registerRun(_ request: LineageV1.RegisterRunRequest, _ context: CallContext) async throws -> LineageV1.RegisterRunResponse
  /// Records an accepted submission and the snapshot it produced.
  func appendTrial(_ request: LineageV1.AppendTrialRequest, _ context: CallContext) async throws -> LineageV1.AppendTrialResponse
  /// Records a verdict whose signature is that of the run's evaluator.
  func appendVerdict(_ request: LineageV1.AppendVerdictRequest, _ context: CallContext) async throws -> LineageV1.AppendVerdictResponse
  /// Records a further statement of the run's evaluator: an audit or a revocation. The same statement again is accepted.
  func appendStatement(_ request: LineageV1.AppendStatementRequest, _ context: CallContext) async throws -> LineageV1.AppendStatementResponse
  /// Records a lesson in an agent's words, once: the same lesson of the same specialist again is accepted.
  func appendInsight(_ request: LineageV1.AppendInsightRequest, _ context: CallContext) async throws -> LineageV1.AppendInsightResponse
  /// Records that a run has ended, with the evaluator's signed final report.
  func finishRun(_ request: LineageV1.FinishRunRequest, _ context: CallContext) async throws -> LineageV1.FinishRunResponse
  func getRun(_ request: LineageV1.GetRunRequest, _ context: CallContext) async throws -> LineageV1.GetRunResponse
  func listRuns(_ request: LineageV1.ListRunsRequest, _ context: CallContext) async throws -> LineageV1.ListRunsResponse
  func getTrial(_ request: LineageV1.GetTrialRequest, _ context: CallContext) async throws -> LineageV1.GetTrialResponse
  /// One of the indexed views, paged.
  func listTrials(_ request: LineageV1.ListTrialsRequest, _ context: CallContext) async throws -> LineageV1.ListTrialsResponse
  func getSnapshot(_ request: LineageV1.GetSnapshotRequest, _ context: CallContext) async throws -> LineageV1.GetSnapshotResponse
  /// The view rendered for a specialist, within a budget of characters.
  func renderView(_ request: LineageV1.RenderViewRequest, _ context: CallContext) async throws -> LineageV1.RenderViewResponse
  /// What happened after a sequence number, without a gap, and what happens from then on.
  func followEvents(_ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ context: CallContext) async throws -> StreamPage<LineageV1.FollowEventsResponse>
  /// The newest checkpoint of a run's log of statements, as a C2SP signed note: the one that the run's evaluator cosigned last,
  /// or the log's own.
  func getCheckpoint(_ request: LineageV1.GetCheckpointRequest, _ context: CallContext) async throws -> LineageV1.GetCheckpointResponse
  /// The run's evaluator vouches for the newest checkpoint. Refused when the log has grown since.
  func cosignCheckpoint(_ request: LineageV1.CosignCheckpointRequest, _ context: CallContext) async throws -> LineageV1.CosignCheckpointResponse
  /// Statements of a run's log in order, exactly as they were signed.
  func listStatements(_ request: LineageV1.ListStatementsRequest, _ context: CallContext) async throws -> LineageV1.ListStatementsResponse
  /// Counts by label and by specialist.
  func summarize(_ request: LineageV1.SummarizeRequest, _ context: CallContext) async throws -> LineageV1.SummarizeResponse
}

/// The methods of `assay.lineage.v1.LineageService`, with who may call them.
public enum LineageServiceMethods {
  public static let registerRun = MethodDescriptor("/assay.lineage.v1.LineageService/RegisterRun", roles: [.evaluator, .operator], idempotent: true, anyPeer: false)
  public static let appendTrial = MethodDescriptor("/assay.lineage.v1.LineageService/AppendTrial", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let appendVerdict = MethodDescriptor("/assay.lineage.v1.LineageService/AppendVerdict", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let appendStatement = MethodDescriptor("/assay.lineage.v1.LineageService/AppendStatement", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let appendInsight = MethodDescriptor("/assay.lineage.v1.LineageService/AppendInsight", roles: [.agent, .operator], idempotent: true, anyPeer: false)
  public static let finishRun = MethodDescriptor("/assay.lineage.v1.LineageService/FinishRun", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let getRun = MethodDescriptor("/assay.lineage.v1.LineageService/GetRun", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let listRuns = MethodDescriptor("/assay.lineage.v1.LineageService/ListRuns", roles: [.evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let getTrial = MethodDescriptor("/assay.lineage.v1.LineageService/GetTrial", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let listTrials = MethodDescriptor("/assay.lineage.v1.LineageService/ListTrials", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let getSnapshot = MethodDescriptor("/assay.lineage.v1.LineageService/GetSnapshot", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let renderView = MethodDescriptor("/assay.lineage.v1.LineageService/RenderView", roles: [.agent, .observer, .operator], idempotent: true, anyPeer: false)
  public static let followEvents = MethodDescriptor("/assay.lineage.v1.LineageService/FollowEvents", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false, streaming: true)
  public static let getCheckpoint = MethodDescriptor("/assay.lineage.v1.LineageService/GetCheckpoint", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let cosignCheckpoint = MethodDescriptor("/assay.lineage.v1.LineageService/CosignCheckpoint", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let listStatements = MethodDescriptor("/assay.lineage.v1.LineageService/ListStatements", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
  public static let summarize = MethodDescriptor("/assay.lineage.v1.LineageService/Summarize", roles: [.agent, .evaluator, .observer, .operator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.lineage.v1.LineageService`.
  public mutating func register(_ service: some LineageService) {
    register(LineageServiceMethods.registerRun) { (request: LineageV1.RegisterRunRequest, context: CallContext) in
      try await service.registerRun(request, context)
    }
    register(LineageServiceMethods.appendTrial) { (request: LineageV1.AppendTrialRequest, context: CallContext) in
      try await service.appendTrial(request, context)
    }
    register(LineageServiceMethods.appendVerdict) { (request: LineageV1.AppendVerdictRequest, context: CallContext) in
      try await service.appendVerdict(request, context)
    }
    register(LineageServiceMethods.appendStatement) { (request: LineageV1.AppendStatementRequest, context: CallContext) in
      try await service.appendStatement(request, context)
    }
    register(LineageServiceMethods.appendInsight) { (request: LineageV1.AppendInsightRequest, context: CallContext) in
      try await service.appendInsight(request, context)
    }
    register(LineageServiceMethods.finishRun) { (request: LineageV1.FinishRunRequest, context: CallContext) in
      try await service.finishRun(request, context)
    }
    register(LineageServiceMethods.getRun) { (request: LineageV1.GetRunRequest, context: CallContext) in
      try await service.getRun(request, context)
    }
    register(LineageServiceMethods.listRuns) { (request: LineageV1.ListRunsRequest, context: CallContext) in
      try await service.listRuns(request, context)
    }
    register(LineageServiceMethods.getTrial) { (request: LineageV1.GetTrialRequest, context: CallContext) in
      try await service.getTrial(request, context)
    }
    register(LineageServiceMethods.listTrials) { (request: LineageV1.ListTrialsRequest, context: CallContext) in
      try await service.listTrials(request, context)
    }
    register(LineageServiceMethods.getSnapshot) { (request: LineageV1.GetSnapshotRequest, context: CallContext) in
      try await service.getSnapshot(request, context)
    }
    register(LineageServiceMethods.renderView) { (request: LineageV1.RenderViewRequest, context: CallContext) in
      try await service.renderView(request, context)
    }
    registerStream(LineageServiceMethods.followEvents) {
      (request: LineageV1.FollowEventsRequest, cursor: StreamCursor, context: CallContext) in
      try await service.followEvents(request, cursor, context)
    }
    register(LineageServiceMethods.getCheckpoint) { (request: LineageV1.GetCheckpointRequest, context: CallContext) in
      try await service.getCheckpoint(request, context)
    }
    register(LineageServiceMethods.cosignCheckpoint) { (request: LineageV1.CosignCheckpointRequest, context: CallContext) in
      try await service.cosignCheckpoint(request, context)
    }
    register(LineageServiceMethods.listStatements) { (request: LineageV1.ListStatementsRequest, context: CallContext) in
      try await service.listStatements(request, context)
    }
    register(LineageServiceMethods.summarize) { (request: LineageV1.SummarizeRequest, context: CallContext) in
      try await service.summarize(request, context)
    }
  }
}

/// Calls `assay.lineage.v1.LineageService`.
public struct LineageServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// Registers a run. The same run again is accepted, another body for the same id is refused.
  public func registerRun(
    _ request: LineageV1.RegisterRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.RegisterRunResponse {
    try await rpc.call(LineageServiceMethods.registerRun, request, options)
  }

  /// Records an accepted submission and the snapshot it produced.
  public func appendTrial(
    _ request: LineageV1.AppendTrialRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.AppendTrialResponse {
    try await rpc.call(LineageServiceMethods.appendTrial, request, options)
  }

  /// Records a verdict whose signature is that of the run's evaluator.
  public func appendVerdict(
    _ request: LineageV1.AppendVerdictRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.AppendVerdictResponse {
    try await rpc.call(LineageServiceMethods.appendVerdict, request, options)
  }

  /// Records a further statement of the run's evaluator: an audit or a revocation. The same statement again is accepted.
  public func appendStatement(
    _ request: LineageV1.AppendStatementRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.AppendStatementResponse {
    try await rpc.call(LineageServiceMethods.appendStatement, request, options)
  }

  /// Records a lesson in an agent's words, once: the same lesson of the same specialist again is accepted.
  public func appendInsight(
    _ request: LineageV1.AppendInsightRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.AppendInsightResponse {
    try await rpc.call(LineageServiceMethods.appendInsight, request, options)
  }

  /// Records that a run has ended, with the evaluator's signed final report.
  public func finishRun(
    _ request: LineageV1.FinishRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.FinishRunResponse {
    try await rpc.call(LineageServiceMethods.finishRun, request, options)
  }

  public func getRun(
    _ request: LineageV1.GetRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.GetRunResponse {
    try await rpc.call(LineageServiceMethods.getRun, request, options)
  }

  public func listRuns(
    _ request: LineageV1.ListRunsRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.ListRunsResponse {
    try await rpc.call(LineageServiceMethods.listRuns, request, options)
  }

  public func getTrial(
    _ request: LineageV1.GetTrialRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.GetTrialResponse {
    try await rpc.call(LineageServiceMethods.getTrial, request, options)
  }

  /// One of the indexed views, paged.
  public func listTrials(
    _ request: LineageV1.ListTrialsRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.ListTrialsResponse {
    try await rpc.call(LineageServiceMethods.listTrials, request, options)
  }

  public func getSnapshot(
    _ request: LineageV1.GetSnapshotRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.GetSnapshotResponse {
    try await rpc.call(LineageServiceMethods.getSnapshot, request, options)
  }

  /// The view rendered for a specialist, within a budget of characters.
  public func renderView(
    _ request: LineageV1.RenderViewRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.RenderViewResponse {
    try await rpc.call(LineageServiceMethods.renderView, request, options)
  }

  /// What happened after a sequence number, without a gap, and what happens from then on.
  public func followEvents(
    _ request: LineageV1.FollowEventsRequest, after sequence: UInt64 = 0, _ options: CallOptions = CallOptions()
  ) -> RPCStream<LineageV1.FollowEventsResponse> {
    RPCStream(rpc, LineageServiceMethods.followEvents, request, after: sequence, options)
  }

  /// One batch of `followEvents`.
  public func followEvents(
    _ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> StreamPage<LineageV1.FollowEventsResponse> {
    try await rpc.pull(LineageServiceMethods.followEvents, request, cursor, options)
  }

  /// The newest checkpoint of a run's log of statements, as a C2SP signed note: the one that the run's evaluator cosigned last,
  /// or the log's own.
  public func getCheckpoint(
    _ request: LineageV1.GetCheckpointRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.GetCheckpointResponse {
    try await rpc.call(LineageServiceMethods.getCheckpoint, request, options)
  }

  /// The run's evaluator vouches for the newest checkpoint. Refused when the log has grown since.
  public func cosignCheckpoint(
    _ request: LineageV1.CosignCheckpointRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.CosignCheckpointResponse {
    try await rpc.call(LineageServiceMethods.cosignCheckpoint, request, options)
  }

  /// Statements of a run's log in order, exactly as they were signed.
  public func listStatements(
    _ request: LineageV1.ListStatementsRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.ListStatementsResponse {
    try await rpc.call(LineageServiceMethods.listStatements, request, options)
  }

  /// Counts by label and by specialist.
  public func summarize(
    _ request: LineageV1.SummarizeRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> LineageV1.SummarizeResponse {
    try await rpc.call(LineageServiceMethods.summarize, request, options)
  }
}
