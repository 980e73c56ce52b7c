// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.evaluator.v1.EvaluatorService`.
public protocol EvaluatorService: Sendable {
  /// The task as agents may see it: recipe, partitions, budgets, notes. Never held-out data.
  func describeTask(_ request: EvaluatorV1.DescribeTaskRequest, _ context: CallContext) async throws -> EvaluatorV1.DescribeTaskResponse
  /// Opens a run, or reopens it after a restart; the baseline is measured before any submission is accepted.
  func openRun(_ request: EvaluatorV1.OpenRunRequest, _ context: CallContext) async throws -> EvaluatorV1.OpenRunResponse
  /// The state of a run; waits for a change when asked to.
  func getRunState(_ request: EvaluatorV1.GetRunStateRequest, _ context: CallContext) async throws -> EvaluatorV1.GetRunStateResponse
  /// Accepts a trial durably. The call's idempotency key names it: the same key with the same body gets the same
  /// trial again, with another body FAILED_PRECONDITION / IDEMPOTENCY_KEY_REUSED.
  func submitTrial(_ request: EvaluatorV1.SubmitTrialRequest, _ context: CallContext) async throws -> EvaluatorV1.SubmitTrialResponse
  /// The verdict of a trial, waiting up to wait_ms for it.
  func waitVerdict(_ request: EvaluatorV1.WaitVerdictRequest, _ context: CallContext) async throws -> EvaluatorV1.WaitVerdictResponse
  /// Stops accepting submissions, lets those in flight end, re-scores the best recipe, and ends the run.
  func closeRun(_ request: EvaluatorV1.CloseRunRequest, _ context: CallContext) async throws -> EvaluatorV1.CloseRunResponse
  /// Screens every trial of a run with the static rules that the task has now, and revokes what breaks them; from then on these
  /// are the run's rules. Screens for a while and answers how far it is: call again until `complete`. Only then is anything changed.
  func auditRun(_ request: EvaluatorV1.AuditRunRequest, _ context: CallContext) async throws -> EvaluatorV1.AuditRunResponse
  /// Revokes a trial for a reason that a person gives. A trial that is revoked already stays as it is.
  func revokeTrial(_ request: EvaluatorV1.RevokeTrialRequest, _ context: CallContext) async throws -> EvaluatorV1.RevokeTrialResponse
  /// Pauses or resumes a run or one of its specialists, until it is said otherwise. Trials in flight go on.
  func pauseRun(_ request: EvaluatorV1.PauseRunRequest, _ context: CallContext) async throws -> EvaluatorV1.PauseRunResponse
  /// Sets aside what a model request may use at most, before it is sent. RESOURCE_EXHAUSTED / BUDGET_SPENT when there is not so
  /// much left. A reservation that is never settled stays charged in full.
  func reserveSpend(_ request: EvaluatorV1.ReserveSpendRequest, _ context: CallContext) async throws -> EvaluatorV1.ReserveSpendResponse
  /// Replaces a reservation by what the request used, or takes it back.
  func settleSpend(_ request: EvaluatorV1.SettleSpendRequest, _ context: CallContext) async throws -> EvaluatorV1.SettleSpendResponse
  /// A short run of a recipe on a runner, to see that it starts: never scored, no trial, no verdict. The same request again waits for the
  /// same one; its idempotency key names it.
  func smokeRun(_ request: EvaluatorV1.SmokeRunRequest, _ context: CallContext) async throws -> EvaluatorV1.SmokeRunResponse
  /// What a run has cost, by specialist and model.
  func getCosts(_ request: EvaluatorV1.GetCostsRequest, _ context: CallContext) async throws -> EvaluatorV1.GetCostsResponse
}

/// The methods of `assay.evaluator.v1.EvaluatorService`, with who may call them.
public enum EvaluatorServiceMethods {
  public static let describeTask = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/DescribeTask", roles: [.agent, .observer, .operator], idempotent: true, anyPeer: false)
  public static let openRun = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/OpenRun", roles: [.operator], idempotent: true, anyPeer: false)
  public static let getRunState = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/GetRunState", roles: [.agent, .observer, .operator], idempotent: true, anyPeer: false)
  public static let submitTrial = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/SubmitTrial", roles: [.agent, .operator], idempotent: false, anyPeer: false)
  public static let waitVerdict = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/WaitVerdict", roles: [.agent, .observer, .operator], idempotent: true, anyPeer: false)
  public static let closeRun = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/CloseRun", roles: [.operator], idempotent: true, anyPeer: false)
  public static let auditRun = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/AuditRun", roles: [.operator], idempotent: true, anyPeer: false)
  public static let revokeTrial = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/RevokeTrial", roles: [.operator], idempotent: true, anyPeer: false)
  public static let pauseRun = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/PauseRun", roles: [.operator], idempotent: true, anyPeer: false)
  public static let reserveSpend = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/ReserveSpend", roles: [.agent], idempotent: true, anyPeer: false)
  public static let settleSpend = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/SettleSpend", roles: [.agent], idempotent: true, anyPeer: false)
  public static let smokeRun = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/SmokeRun", roles: [.agent], idempotent: true, anyPeer: false)
  public static let getCosts = MethodDescriptor("/assay.evaluator.v1.EvaluatorService/GetCosts", roles: [.agent, .observer, .operator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.evaluator.v1.EvaluatorService`.
  public mutating func register(_ service: some EvaluatorService) {
    register(EvaluatorServiceMethods.describeTask) { (request: EvaluatorV1.DescribeTaskRequest, context: CallContext) in
      try await service.describeTask(request, context)
    }
    register(EvaluatorServiceMethods.openRun) { (request: EvaluatorV1.OpenRunRequest, context: CallContext) in
      try await service.openRun(request, context)
    }
    register(EvaluatorServiceMethods.getRunState) { (request: EvaluatorV1.GetRunStateRequest, context: CallContext) in
      try await service.getRunState(request, context)
    }
    register(EvaluatorServiceMethods.submitTrial) { (request: EvaluatorV1.SubmitTrialRequest, context: CallContext) in
      try await service.submitTrial(request, context)
    }
    register(EvaluatorServiceMethods.waitVerdict) { (request: EvaluatorV1.WaitVerdictRequest, context: CallContext) in
      try await service.waitVerdict(request, context)
    }
    register(EvaluatorServiceMethods.closeRun) { (request: EvaluatorV1.CloseRunRequest, context: CallContext) in
      try await service.closeRun(request, context)
    }
    register(EvaluatorServiceMethods.auditRun) { (request: EvaluatorV1.AuditRunRequest, context: CallContext) in
      try await service.auditRun(request, context)
    }
    register(EvaluatorServiceMethods.revokeTrial) { (request: EvaluatorV1.RevokeTrialRequest, context: CallContext) in
      try await service.revokeTrial(request, context)
    }
    register(EvaluatorServiceMethods.pauseRun) { (request: EvaluatorV1.PauseRunRequest, context: CallContext) in
      try await service.pauseRun(request, context)
    }
    register(EvaluatorServiceMethods.reserveSpend) { (request: EvaluatorV1.ReserveSpendRequest, context: CallContext) in
      try await service.reserveSpend(request, context)
    }
    register(EvaluatorServiceMethods.settleSpend) { (request: EvaluatorV1.SettleSpendRequest, context: CallContext) in
      try await service.settleSpend(request, context)
    }
    register(EvaluatorServiceMethods.smokeRun) { (request: EvaluatorV1.SmokeRunRequest, context: CallContext) in
      try await service.smokeRun(request, context)
    }
    register(EvaluatorServiceMethods.getCosts) { (request: EvaluatorV1.GetCostsRequest, context: CallContext) in
      try await service.getCosts(request, context)
    }
  }
}

/// Calls `assay.evaluator.v1.EvaluatorService`.
public struct EvaluatorServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// The task as agents may see it: recipe, partitions, budgets, notes. Never held-out data.
  public func describeTask(
    _ request: EvaluatorV1.DescribeTaskRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.DescribeTaskResponse {
    try await rpc.call(EvaluatorServiceMethods.describeTask, request, options)
  }

  /// Opens a run, or reopens it after a restart; the baseline is measured before any submission is accepted.
  public func openRun(
    _ request: EvaluatorV1.OpenRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.OpenRunResponse {
    try await rpc.call(EvaluatorServiceMethods.openRun, request, options)
  }

  /// The state of a run; waits for a change when asked to.
  public func getRunState(
    _ request: EvaluatorV1.GetRunStateRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.GetRunStateResponse {
    try await rpc.call(EvaluatorServiceMethods.getRunState, request, options)
  }

  /// Accepts a trial durably. The call's idempotency key names it: the same key with the same body gets the same
  /// trial again, with another body FAILED_PRECONDITION / IDEMPOTENCY_KEY_REUSED.
  public func submitTrial(
    _ request: EvaluatorV1.SubmitTrialRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.SubmitTrialResponse {
    try await rpc.call(EvaluatorServiceMethods.submitTrial, request, options)
  }

  /// The verdict of a trial, waiting up to wait_ms for it.
  public func waitVerdict(
    _ request: EvaluatorV1.WaitVerdictRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.WaitVerdictResponse {
    try await rpc.call(EvaluatorServiceMethods.waitVerdict, request, options)
  }

  /// Stops accepting submissions, lets those in flight end, re-scores the best recipe, and ends the run.
  public func closeRun(
    _ request: EvaluatorV1.CloseRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.CloseRunResponse {
    try await rpc.call(EvaluatorServiceMethods.closeRun, request, options)
  }

  /// Screens every trial of a run with the static rules that the task has now, and revokes what breaks them; from then on these
  /// are the run's rules. Screens for a while and answers how far it is: call again until `complete`. Only then is anything changed.
  public func auditRun(
    _ request: EvaluatorV1.AuditRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.AuditRunResponse {
    try await rpc.call(EvaluatorServiceMethods.auditRun, request, options)
  }

  /// Revokes a trial for a reason that a person gives. A trial that is revoked already stays as it is.
  public func revokeTrial(
    _ request: EvaluatorV1.RevokeTrialRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.RevokeTrialResponse {
    try await rpc.call(EvaluatorServiceMethods.revokeTrial, request, options)
  }

  /// Pauses or resumes a run or one of its specialists, until it is said otherwise. Trials in flight go on.
  public func pauseRun(
    _ request: EvaluatorV1.PauseRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.PauseRunResponse {
    try await rpc.call(EvaluatorServiceMethods.pauseRun, request, options)
  }

  /// Sets aside what a model request may use at most, before it is sent. RESOURCE_EXHAUSTED / BUDGET_SPENT when there is not so
  /// much left. A reservation that is never settled stays charged in full.
  public func reserveSpend(
    _ request: EvaluatorV1.ReserveSpendRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.ReserveSpendResponse {
    try await rpc.call(EvaluatorServiceMethods.reserveSpend, request, options)
  }

  /// Replaces a reservation by what the request used, or takes it back.
  public func settleSpend(
    _ request: EvaluatorV1.SettleSpendRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.SettleSpendResponse {
    try await rpc.call(EvaluatorServiceMethods.settleSpend, request, options)
  }

  /// A short run of a recipe on a runner, to see that it starts: never scored, no trial, no verdict. The same request again waits for the
  /// same one; its idempotency key names it.
  public func smokeRun(
    _ request: EvaluatorV1.SmokeRunRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.SmokeRunResponse {
    try await rpc.call(EvaluatorServiceMethods.smokeRun, request, options)
  }

  /// What a run has cost, by specialist and model.
  public func getCosts(
    _ request: EvaluatorV1.GetCostsRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> EvaluatorV1.GetCostsResponse {
    try await rpc.call(EvaluatorServiceMethods.getCosts, request, options)
  }
}
