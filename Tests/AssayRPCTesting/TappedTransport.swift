import AssayRPC
import Synchronization

/// A transport that shows every exchange, and may change, fail or answer it.
public final class TappedTransport: ClientTransport {
  /// Gets the request and the way on to the server; returns the answer.
  public typealias Tap =
    @Sendable (_ request: [UInt8], _ next: @Sendable ([UInt8]) async throws -> [UInt8]) async throws ->
    [UInt8]

  private let next: any ClientTransport
  private let tap: Mutex<Tap?>
  private let seen = Mutex<[[UInt8]]>([])

  public init(_ next: any ClientTransport, tap: Tap? = nil) {
    self.next = next
    self.tap = Mutex(tap)
  }

  /// All requests so far, as they were given to the transport.
  public var requests: [[UInt8]] { seen.withLock { $0 } }

  public func setTap(_ fresh: Tap?) { tap.withLock { $0 = fresh } }

  public func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
    seen.withLock { $0.append(request) }
    let next = next
    guard let tap = tap.withLock({ $0 }) else { return try await next.exchange(request, timeout: timeout) }
    return try await tap(request) { try await next.exchange($0, timeout: timeout) }
  }

  public func post(_ request: [UInt8]) { next.post(request) }
  public var connection: ConnectionState { next.connection }
  public func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState {
    await next.connection(after: known, for: limit)
  }
  public func close() { next.close() }
}
