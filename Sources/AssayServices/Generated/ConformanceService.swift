// Generated from proto/ by tools/protos.sh. Do not edit.
// swift-format-ignore-file
import AssayIdentity
public import AssayMessages
public import AssayRPC

/// Implemented by whoever serves `assay.conformance.v1.ConformanceService`.
public protocol ConformanceService: Sendable {
  /// Returns what it was sent.
  func echo(_ request: ConformanceV1.EchoRequest, _ context: CallContext) async throws -> ConformanceV1.EchoResponse
  /// Fails as told. Not idempotent.
  func fail(_ request: ConformanceV1.FailRequest, _ context: CallContext) async throws -> ConformanceV1.FailResponse
  /// Answers when the server lets it, or never. Not idempotent.
  func hold(_ request: ConformanceV1.HoldRequest, _ context: CallContext) async throws -> ConformanceV1.HoldResponse
  /// The same, and idempotent.
  func watch(_ request: ConformanceV1.WatchRequest, _ context: CallContext) async throws -> ConformanceV1.WatchResponse
  /// Counts from 1 to last, each number with bytes beside it.
  func count(_ request: ConformanceV1.CountRequest, _ cursor: StreamCursor, _ context: CallContext) async throws -> StreamPage<ConformanceV1.CountResponse>
  /// For operators alone.
  func restricted(_ request: ConformanceV1.RestrictedRequest, _ context: CallContext) async throws -> ConformanceV1.RestrictedResponse
}

/// The methods of `assay.conformance.v1.ConformanceService`, with who may call them.
public enum ConformanceServiceMethods {
  public static let echo = MethodDescriptor("/assay.conformance.v1.ConformanceService/Echo", roles: [.agent, .operator], idempotent: true, anyPeer: false)
  public static let fail = MethodDescriptor("/assay.conformance.v1.ConformanceService/Fail", roles: [.agent, .operator], idempotent: false, anyPeer: false)
  public static let hold = MethodDescriptor("/assay.conformance.v1.ConformanceService/Hold", roles: [.agent, .operator], idempotent: false, anyPeer: false)
  public static let watch = MethodDescriptor("/assay.conformance.v1.ConformanceService/Watch", roles: [.agent, .operator], idempotent: true, anyPeer: false)
  public static let count = MethodDescriptor("/assay.conformance.v1.ConformanceService/Count", roles: [.agent, .operator], idempotent: true, anyPeer: false, streaming: true)
  public static let restricted = MethodDescriptor("/assay.conformance.v1.ConformanceService/Restricted", roles: [.operator], idempotent: true, anyPeer: false)
}

extension RPCRouter {
  /// Serves `assay.conformance.v1.ConformanceService`.
  public mutating func register(_ service: some ConformanceService) {
    register(ConformanceServiceMethods.echo) { (request: ConformanceV1.EchoRequest, context: CallContext) in
      try await service.echo(request, context)
    }
    register(ConformanceServiceMethods.fail) { (request: ConformanceV1.FailRequest, context: CallContext) in
      try await service.fail(request, context)
    }
    register(ConformanceServiceMethods.hold) { (request: ConformanceV1.HoldRequest, context: CallContext) in
      try await service.hold(request, context)
    }
    register(ConformanceServiceMethods.watch) { (request: ConformanceV1.WatchRequest, context: CallContext) in
      try await service.watch(request, context)
    }
    registerStream(ConformanceServiceMethods.count) {
      (request: ConformanceV1.CountRequest, cursor: StreamCursor, context: CallContext) in
      try await service.count(request, cursor, context)
    }
    register(ConformanceServiceMethods.restricted) { (request: ConformanceV1.RestrictedRequest, context: CallContext) in
      try await service.restricted(request, context)
    }
  }
}

/// Calls `assay.conformance.v1.ConformanceService`.
public struct ConformanceServiceClient: Sendable {
  public let rpc: RPCClient
  public init(_ rpc: RPCClient) { self.rpc = rpc }

  /// Returns what it was sent.
  public func echo(
    _ request: ConformanceV1.EchoRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ConformanceV1.EchoResponse {
    try await rpc.call(ConformanceServiceMethods.echo, request, options)
  }

  /// Fails as told. Not idempotent.
  public func fail(
    _ request: ConformanceV1.FailRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ConformanceV1.FailResponse {
    try await rpc.call(ConformanceServiceMethods.fail, request, options)
  }

  /// Answers when the server lets it, or never. Not idempotent.
  public func hold(
    _ request: ConformanceV1.HoldRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ConformanceV1.HoldResponse {
    try await rpc.call(ConformanceServiceMethods.hold, request, options)
  }

  /// The same, and idempotent.
  public func watch(
    _ request: ConformanceV1.WatchRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ConformanceV1.WatchResponse {
    try await rpc.call(ConformanceServiceMethods.watch, request, options)
  }

  /// Counts from 1 to last, each number with bytes beside it.
  public func count(
    _ request: ConformanceV1.CountRequest, after sequence: UInt64 = 0, _ options: CallOptions = CallOptions()
  ) -> RPCStream<ConformanceV1.CountResponse> {
    RPCStream(rpc, ConformanceServiceMethods.count, request, after: sequence, options)
  }

  /// One batch of `count`.
  public func count(
    _ request: ConformanceV1.CountRequest, _ cursor: StreamCursor, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> StreamPage<ConformanceV1.CountResponse> {
    try await rpc.pull(ConformanceServiceMethods.count, request, cursor, options)
  }

  /// For operators alone.
  public func restricted(
    _ request: ConformanceV1.RestrictedRequest, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> ConformanceV1.RestrictedResponse {
    try await rpc.call(ConformanceServiceMethods.restricted, request, options)
  }
}
