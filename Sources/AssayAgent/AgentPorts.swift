public import AssayMessages
public import AssayRPC
public import AssayServices

/// What an agent asks of an evaluator.
public protocol EvaluatorPort: Sendable {
  func describeTask(
    _ request: EvaluatorV1.DescribeTaskRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.DescribeTaskResponse
  func getRunState(
    _ request: EvaluatorV1.GetRunStateRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.GetRunStateResponse
  func submitTrial(
    _ request: EvaluatorV1.SubmitTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.SubmitTrialResponse
  func waitVerdict(
    _ request: EvaluatorV1.WaitVerdictRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.WaitVerdictResponse
}

/// What an agent asks of the lineage. An agent of a run without lineage has no value of such a type.
public protocol LineagePort: Sendable {
  func listTrials(
    _ request: LineageV1.ListTrialsRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.ListTrialsResponse
  func getTrial(
    _ request: LineageV1.GetTrialRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetTrialResponse
  func getSnapshot(
    _ request: LineageV1.GetSnapshotRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.GetSnapshotResponse
  func followEvents(
    _ request: LineageV1.FollowEventsRequest, _ cursor: StreamCursor, _ options: CallOptions
  ) async throws(RPCError) -> StreamPage<LineageV1.FollowEventsResponse>
}

/// What a session with a proposer that reads text asks of the lineage.
public protocol ViewPort: Sendable {
  func renderView(
    _ request: LineageV1.RenderViewRequest, _ options: CallOptions
  ) async throws(RPCError) -> LineageV1.RenderViewResponse
}

/// What a session asks of an evaluator to try a recipe without a trial.
public protocol SmokeRunPort: Sendable {
  func smokeRun(
    _ request: EvaluatorV1.SmokeRunRequest, _ options: CallOptions
  ) async throws(RPCError) -> EvaluatorV1.SmokeRunResponse
}

extension EvaluatorServiceClient: EvaluatorPort {}
extension EvaluatorServiceClient: SmokeRunPort {}
extension LineageServiceClient: ViewPort {}
extension LineageServiceClient: LineagePort {}
