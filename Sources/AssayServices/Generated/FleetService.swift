// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.runner.v1.FleetService`.
public protocol FleetService: Sendable {
  /// Every host that asked for work, and what waits for a host that nobody offers.
  func listRunners(_ request: RunnerV1.ListRunnersRequest, _ context: CallContext) async throws -> RunnerV1.ListRunnersResponse
  /// Takes a host out of work, or gives it back.
  func controlRunner(_ request: RunnerV1.ControlRunnerRequest, _ context: CallContext) async throws -> RunnerV1.ControlRunnerResponse
}

/// The methods of `assay.runner.v1.FleetService`, with who may call them.
public enum FleetServiceMethods {
  public static let listRunners = MethodDescriptor("/assay.runner.v1.FleetService/ListRunners", roles: [.observer, .operator], idempotent: true, anyPeer: false)
  public static let controlRunner = MethodDescriptor("/assay.runner.v1.FleetService/ControlRunner", roles: [.operator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.runner.v1.FleetService`.
  public mutating func register(_ service: some FleetService) {
    register(FleetServiceMethods.listRunners) { (request: RunnerV1.ListRunnersRequest, context: CallContext) in
      try await service.listRunners(request, context)
    }
    register(FleetServiceMethods.controlRunner) { (request: RunnerV1.ControlRunnerRequest, context: CallContext) in
      try await service.controlRunner(request, context)
    }
  }
}

/// Calls `assay.runner.v1.FleetService`.
public struct FleetServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// Every host that asked for work, and what waits for a host that nobody offers.
  public func listRunners(
    _ request: RunnerV1.ListRunnersRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.ListRunnersResponse {
    try await rpc.call(FleetServiceMethods.listRunners, request, options)
  }

  /// Takes a host out of work, or gives it back.
  public func controlRunner(
    _ request: RunnerV1.ControlRunnerRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> RunnerV1.ControlRunnerResponse {
    try await rpc.call(FleetServiceMethods.controlRunner, request, options)
  }
}
