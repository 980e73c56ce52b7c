import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import Synchronization

/// The conformance service: echoes, fails, and holds calls until the test lets them go.
public final class ConformanceResponder: ConformanceService {
  /// The stages of one held call.
  public struct Held: Sendable {
    /// Opens when the handler runs.
    public let entered = Latch()
    /// The test opens it to let the handler answer.
    public let release = Latch()
    /// Opens when the handler's task was cancelled.
    public let cancelled = Latch()
  }

  private struct Failure: Error { let text: String }

  private let held = Mutex<[String: Held]>([:])
  private let handled = Mutex<[String]>([])

  public init() {}

  /// The held call of this name, whether it has come yet or not.
  public func held(_ name: String) -> Held {
    held.withLock { held in
      if let known = held[name] { return known }
      let fresh = Held()
      held[name] = fresh
      return fresh
    }
  }

  /// Names of the methods whose handler ran, in order.
  public var handledMethods: [String] { handled.withLock { $0 } }

  private func note(_ context: CallContext) { handled.withLock { $0.append(context.method.name) } }

  public func echo(_ request: ConformanceV1.EchoRequest, _ context: CallContext) async throws
    -> ConformanceV1.EchoResponse
  {
    note(context)
    var response = ConformanceV1.EchoResponse()
    response.data =
      request.answerBytes > 0 ? [UInt8](repeating: 0, count: Int(request.answerBytes)) : request.data
    response.everything = request.everything
    response.peer = context.peer.name
    response.roles = context.peer.roles.map(\.rawValue)
    response.idempotencyKey = context.idempotencyKey
    response.metadata = context.metadata["test-key"] ?? ""
    return response
  }

  public func fail(_ request: ConformanceV1.FailRequest, _ context: CallContext) async throws
    -> ConformanceV1.FailResponse
  {
    note(context)
    if request.code == 0 { throw Failure(text: request.message) }
    throw RPCError(
      RPCStatus(rawValue: request.code), reason: request.reason, request.message,
      metadata: ["detail": "value"])
  }

  private func hold(_ name: String) async throws {
    let held = held(name)
    held.entered.open()
    do { try await held.release.wait() } catch {
      held.cancelled.open()
      throw error
    }
  }

  public func hold(_ request: ConformanceV1.HoldRequest, _ context: CallContext) async throws
    -> ConformanceV1.HoldResponse
  {
    note(context)
    try await hold(request.name)
    return ConformanceV1.HoldResponse()
  }

  public func watch(_ request: ConformanceV1.WatchRequest, _ context: CallContext) async throws
    -> ConformanceV1.WatchResponse
  {
    note(context)
    try await hold(request.name)
    return ConformanceV1.WatchResponse()
  }

  public func restricted(_ request: ConformanceV1.RestrictedRequest, _ context: CallContext) async throws
    -> ConformanceV1.RestrictedResponse
  {
    note(context)
    return ConformanceV1.RestrictedResponse()
  }
}
