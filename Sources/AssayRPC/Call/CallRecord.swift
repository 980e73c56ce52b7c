/// One call that has ended, for logs and metrics.
public struct CallRecord: Sendable {
  /// `/package.Service/Method`
  public let method: String
  /// The caller, where a server tells; empty where a client does.
  public let peer: String
  public let status: RPCStatus
  /// From the first byte to the answer, all attempts of a client together.
  public let duration: Duration
  public let requestBytes: Int
  /// 0 for a call that failed.
  public let responseBytes: Int
  public let trace: TraceContext?

  init(
    method: String, peer: String, status: RPCStatus, duration: Duration, requestBytes: Int,
    responseBytes: Int,
    trace: TraceContext?
  ) {
    self.method = method
    self.peer = peer
    self.status = status
    self.duration = duration
    self.requestBytes = requestBytes
    self.responseBytes = responseBytes
    self.trace = trace
  }

  /// As a client tells of a call.
  init(
    _ method: MethodDescriptor, _ outcome: Result<[UInt8], RPCError>, requestBytes: Int,
    since began: ContinuousClock.Instant
  ) {
    let (status, count): (RPCStatus, Int) =
      switch outcome {
      case .success(let answer): (.ok, answer.count)
      case .failure(let error): (error.code, 0)
      }
    self.init(
      method: method.name, peer: "", status: status, duration: began.duration(to: .now),
      requestBytes: requestBytes,
      responseBytes: count, trace: TraceContext.current)
  }

  /// Milliseconds, to the microsecond.
  public var milliseconds: Double { (duration.seconds * 1_000_000).rounded() / 1000 }
}
