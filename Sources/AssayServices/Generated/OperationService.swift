// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.operation.v1.OperationService`.
public protocol OperationService: Sendable {
  /// Writes a consistent copy of what this service keeps to a folder of its own, while it goes on serving. Nothing of it is in the
  /// answer: whoever may ask need not be one who may read.
  func createBackup(_ request: OperationV1.CreateBackupRequest, _ context: CallContext) async throws -> OperationV1.CreateBackupResponse
  /// Evaluator: tells the lineage nothing until it is released or the time is over, so that both can be copied at one point.
  func holdRecord(_ request: OperationV1.HoldRecordRequest, _ context: CallContext) async throws -> OperationV1.HoldRecordResponse
  func releaseRecord(_ request: OperationV1.ReleaseRecordRequest, _ context: CallContext) async throws -> OperationV1.ReleaseRecordResponse
  /// Evaluator: removes artifacts that nothing names any more. What a verdict names is never touched.
  func collectGarbage(_ request: OperationV1.CollectGarbageRequest, _ context: CallContext) async throws -> OperationV1.CollectGarbageResponse
}

/// The methods of `assay.operation.v1.OperationService`, with who may call them.
public enum OperationServiceMethods {
  public static let createBackup = MethodDescriptor("/assay.operation.v1.OperationService/CreateBackup", roles: [.operator], idempotent: false, anyPeer: false)
  public static let holdRecord = MethodDescriptor("/assay.operation.v1.OperationService/HoldRecord", roles: [.operator], idempotent: true, anyPeer: false)
  public static let releaseRecord = MethodDescriptor("/assay.operation.v1.OperationService/ReleaseRecord", roles: [.operator], idempotent: true, anyPeer: false)
  public static let collectGarbage = MethodDescriptor("/assay.operation.v1.OperationService/CollectGarbage", roles: [.operator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.operation.v1.OperationService`.
  public mutating func register(_ service: some OperationService) {
    register(OperationServiceMethods.createBackup) { (request: OperationV1.CreateBackupRequest, context: CallContext) in
      try await service.createBackup(request, context)
    }
    register(OperationServiceMethods.holdRecord) { (request: OperationV1.HoldRecordRequest, context: CallContext) in
      try await service.holdRecord(request, context)
    }
    register(OperationServiceMethods.releaseRecord) { (request: OperationV1.ReleaseRecordRequest, context: CallContext) in
      try await service.releaseRecord(request, context)
    }
    register(OperationServiceMethods.collectGarbage) { (request: OperationV1.CollectGarbageRequest, context: CallContext) in
      try await service.collectGarbage(request, context)
    }
  }
}

/// Calls `assay.operation.v1.OperationService`.
public struct OperationServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// Writes a consistent copy of what this service keeps to a folder of its own, while it goes on serving. Nothing of it is in the
  /// answer: whoever may ask need not be one who may read.
  public func createBackup(
    _ request: OperationV1.CreateBackupRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> OperationV1.CreateBackupResponse {
    try await rpc.call(OperationServiceMethods.createBackup, request, options)
  }

  /// Evaluator: tells the lineage nothing until it is released or the time is over, so that both can be copied at one point.
  public func holdRecord(
    _ request: OperationV1.HoldRecordRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> OperationV1.HoldRecordResponse {
    try await rpc.call(OperationServiceMethods.holdRecord, request, options)
  }

  public func releaseRecord(
    _ request: OperationV1.ReleaseRecordRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> OperationV1.ReleaseRecordResponse {
    try await rpc.call(OperationServiceMethods.releaseRecord, request, options)
  }

  /// Evaluator: removes artifacts that nothing names any more. What a verdict names is never touched.
  public func collectGarbage(
    _ request: OperationV1.CollectGarbageRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> OperationV1.CollectGarbageResponse {
    try await rpc.call(OperationServiceMethods.collectGarbage, request, options)
  }
}
