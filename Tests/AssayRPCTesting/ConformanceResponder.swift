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
    try await context.whileWaiting { try await hold(request.name) }
    return ConformanceV1.WatchResponse()
  }

  public func count(
    _ request: ConformanceV1.CountRequest, _ cursor: StreamCursor, _ context: CallContext
  ) async throws -> StreamPage<ConformanceV1.CountResponse> {
    note(context)
    guard cursor.after < request.last else {
      guard request.code == 0 else {
        throw RPCError(RPCStatus(rawValue: request.code), "after the last number")
      }
      return StreamPage(isEnd: true)
    }
    let end = min(request.last, cursor.after + UInt64(cursor.maximumMessages))
    var response = ConformanceV1.CountResponse()
    response.data = [UInt8](repeating: 7, count: Int(request.bytes))
    return StreamPage(
      (cursor.after + 1...end).map { StreamElement($0, response) },
      isEnd: end == request.last && request.code == 0)
  }

  public func restricted(_ request: ConformanceV1.RestrictedRequest, _ context: CallContext) async throws
    -> ConformanceV1.RestrictedResponse
  {
    note(context)
    return ConformanceV1.RestrictedResponse()
  }
}
