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
}
