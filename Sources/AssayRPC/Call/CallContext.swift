/// What a handler knows of the call it answers.
public struct CallContext: Sendable {
  public let method: MethodDescriptor
  public let peer: Peer
  /// When the caller stops waiting. The handler's task is cancelled then.
  public let deadline: ContinuousClock.Instant
  /// Empty when the caller sent none.
  public let idempotencyKey: String
  public let metadata: [String: String]
  public let callID: [UInt8]
  /// Nil where no server counts the call.
  var place: CallPlace?

  /// The trace that the caller sent, if it sent one.
  public var trace: TraceContext? {
    metadata[TraceContext.metadataKey].flatMap(TraceContext.init(traceparent:))
  }

  public init(
    method: MethodDescriptor, peer: Peer, deadline: ContinuousClock.Instant, idempotencyKey: String = "",
    metadata: [String: String] = [:], callID: [UInt8] = []
  ) {
    self.method = method
    self.peer = peer
    self.deadline = deadline
    self.idempotencyKey = idempotencyKey
    self.metadata = metadata
    self.callID = callID
  }

  /// How long a handler may wait for something to happen: what was asked for, at most 30 s, and ending early enough
  /// for the answer to arrive.
  public func waitLimit(milliseconds: UInt32) -> Duration {
    let left = ContinuousClock.now.duration(to: deadline) - .milliseconds(250)
    return max(.zero, min(.milliseconds(Int(min(milliseconds, 30_000))), left))
  }

  /// Runs `body`, which does nothing but wait for something to happen. Meanwhile the call has none of the places of those that a
  /// server runs at once, and counts among those that wait; before it goes on it takes a place again, in turn.
  ///
  /// What `body` returned or threw is never lost, not even when the call ended meanwhile.
  /// - Throws: RESOURCE_EXHAUSTED with TOO_MANY_WAITING or CALLER_LIMIT, before `body` runs; what `body` throws.
  public func whileWaiting<Value>(_ body: () async throws -> Value) async throws -> Value {
    guard let place, try place.giveUp() else { return try await body() }
    do {
      let value = try await body()
      await place.takeAgain()
      return value
    } catch {
      await place.takeAgain()
      throw error
    }
  }
}
