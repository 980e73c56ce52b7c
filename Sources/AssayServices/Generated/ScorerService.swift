// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.scorer.v1.ScorerService`.
public protocol ScorerService: Sendable {
  /// The inputs that predictions are made from. Never answers.
  func listInputs(_ request: ScorerV1.ListInputsRequest, _ context: CallContext) async throws -> ScorerV1.ListInputsResponse
  /// Part of an input.
  func readInput(_ request: ScorerV1.ReadInputRequest, _ context: CallContext) async throws -> ScorerV1.ReadInputResponse
  /// Part of a prediction. It exists once all its bytes are there and their digest is right.
  func putPrediction(_ request: ScorerV1.PutPredictionRequest, _ context: CallContext) async throws -> ScorerV1.PutPredictionResponse
  /// Judges one seed's predictions. The same predictions get the same answer.
  func judge(_ request: ScorerV1.JudgeRequest, _ context: CallContext) async throws -> ScorerV1.JudgeResponse
}

/// The methods of `assay.scorer.v1.ScorerService`, with who may call them.
public enum ScorerServiceMethods {
  public static let listInputs = MethodDescriptor("/assay.scorer.v1.ScorerService/ListInputs", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let readInput = MethodDescriptor("/assay.scorer.v1.ScorerService/ReadInput", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let putPrediction = MethodDescriptor("/assay.scorer.v1.ScorerService/PutPrediction", roles: [.evaluator], idempotent: true, anyPeer: false)
  public static let judge = MethodDescriptor("/assay.scorer.v1.ScorerService/Judge", roles: [.evaluator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.scorer.v1.ScorerService`.
  public mutating func register(_ service: some ScorerService) {
    register(ScorerServiceMethods.listInputs) { (request: ScorerV1.ListInputsRequest, context: CallContext) in
      try await service.listInputs(request, context)
    }
    register(ScorerServiceMethods.readInput) { (request: ScorerV1.ReadInputRequest, context: CallContext) in
      try await service.readInput(request, context)
    }
    register(ScorerServiceMethods.putPrediction) { (request: ScorerV1.PutPredictionRequest, context: CallContext) in
      try await service.putPrediction(request, context)
    }
    register(ScorerServiceMethods.judge) { (request: ScorerV1.JudgeRequest, context: CallContext) in
      try await service.judge(request, context)
    }
  }
}

/// Calls `assay.scorer.v1.ScorerService`.
public struct ScorerServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// The inputs that predictions are made from. Never answers.
  public func listInputs(
    _ request: ScorerV1.ListInputsRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ScorerV1.ListInputsResponse {
    try await rpc.call(ScorerServiceMethods.listInputs, request, options)
  }

  /// Part of an input.
  public func readInput(
    _ request: ScorerV1.ReadInputRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ScorerV1.ReadInputResponse {
    try await rpc.call(ScorerServiceMethods.readInput, request, options)
  }

  /// Part of a prediction. It exists once all its bytes are there and their digest is right.
  public func putPrediction(
    _ request: ScorerV1.PutPredictionRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ScorerV1.PutPredictionResponse {
    try await rpc.call(ScorerServiceMethods.putPrediction, request, options)
  }

  /// Judges one seed's predictions. The same predictions get the same answer.
  public func judge(
    _ request: ScorerV1.JudgeRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ScorerV1.JudgeResponse {
    try await rpc.call(ScorerServiceMethods.judge, request, options)
  }
}
