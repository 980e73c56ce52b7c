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

  /// Milliseconds, to the microsecond.
  public var milliseconds: Double { (duration.seconds * 1_000_000).rounded() / 1000 }
}
