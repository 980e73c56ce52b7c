// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.runner.v1.JobService`.
public protocol JobService: Sendable {
  /// Leases one job, waiting for one up to wait_ms.
  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws -> RunnerV1.LeaseJobResponse
  /// Renews a lease; the answer says whether the job is still wanted.
  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws -> RunnerV1.HeartbeatResponse
  /// Ends a job with what the runner measured. A fencing token that is not the newest is refused.
  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws -> RunnerV1.CompleteJobResponse
  /// Reads part of a blob that a leased job names as an input.
  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws -> RunnerV1.GetBlobResponse
  /// Writes part of an output; the blob exists once all its bytes are there and their digest is right.
  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws -> RunnerV1.PutBlobResponse
}

/// The methods of `assay.runner.v1.JobService`, with who may call them.
public enum JobServiceMethods {
  public static let leaseJob = MethodDescriptor("/assay.runner.v1.JobService/LeaseJob", roles: [.runner], idempotent: true, anyPeer: false)
  public static let heartbeat = MethodDescriptor("/assay.runner.v1.JobService/Heartbeat", roles: [.runner], idempotent: true, anyPeer: false)
  public static let completeJob = MethodDescriptor("/assay.runner.v1.JobService/CompleteJob", roles: [.runner], idempotent: true, anyPeer: false)
  public static let getBlob = MethodDescriptor("/assay.runner.v1.JobService/GetBlob", roles: [.runner], idempotent: true, anyPeer: false)
  public static let putBlob = MethodDescriptor("/assay.runner.v1.JobService/PutBlob", roles: [.runner], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.runner.v1.JobService`.
  public mutating func register(_ service: some JobService) {
    register(JobServiceMethods.leaseJob) { (request: RunnerV1.LeaseJobRequest, context: CallContext) in
      try await service.leaseJob(request, context)
    }
    register(JobServiceMethods.heartbeat) { (request: RunnerV1.HeartbeatRequest, context: CallContext) in
      try await service.heartbeat(request, context)
    }
    register(JobServiceMethods.completeJob) { (request: RunnerV1.CompleteJobRequest, context: CallContext) in
      try await service.completeJob(request, context)
    }
    register(JobServiceMethods.getBlob) { (request: RunnerV1.GetBlobRequest, context: CallContext) in
      try await service.getBlob(request, context)
    }
    register(JobServiceMethods.putBlob) { (request: RunnerV1.PutBlobRequest, context: CallContext) in
      try await service.putBlob(request, context)
    }
  }
}

/// Calls `assay.runner.v1.JobService`.
public struct JobServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// Leases one job, waiting for one up to wait_ms.
  public func leaseJob(
    _ request: RunnerV1.LeaseJobRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.LeaseJobResponse {
    try await rpc.call(JobServiceMethods.leaseJob, request, options)
  }

  /// Renews a lease; the answer says whether the job is still wanted.
  public func heartbeat(
    _ request: RunnerV1.HeartbeatRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.HeartbeatResponse {
    try await rpc.call(JobServiceMethods.heartbeat, request, options)
  }

  /// Ends a job with what the runner measured. A fencing token that is not the newest is refused.
  public func completeJob(
    _ request: RunnerV1.CompleteJobRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.CompleteJobResponse {
    try await rpc.call(JobServiceMethods.completeJob, request, options)
  }

  /// Reads part of a blob that a leased job names as an input.
  public func getBlob(
    _ request: RunnerV1.GetBlobRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.GetBlobResponse {
    try await rpc.call(JobServiceMethods.getBlob, request, options)
  }

  /// Writes part of an output; the blob exists once all its bytes are there and their digest is right.
  public func putBlob(
    _ request: RunnerV1.PutBlobRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.PutBlobResponse {
    try await rpc.call(JobServiceMethods.putBlob, request, options)
  }
}
