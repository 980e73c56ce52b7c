/// The outcome of a call that did not succeed.
public struct RPCError: Error, Sendable, CustomStringConvertible {
  public let code: RPCStatus
  /// Stable, UPPER_SNAKE_CASE, for programs; empty when the code says it all.
  public let reason: String
  /// For people: what went wrong and what to do about it. Never a path, a query or a stack.
  public let message: String
  /// Text entries that travel with the error.
  public let metadata: [String: String]

  public init(_ code: RPCStatus, reason: String = "", _ message: String, metadata: [String: String] = [:]) {
    self.code = code
    self.reason = reason
    self.message = message
    self.metadata = metadata
  }

  public var description: String {
    reason.isEmpty ? "\(code): \(message)" : "\(code) \(reason): \(message)"
  }

  /// What crosses the wire for any error that a handler throws: nothing of an error we did not make ourselves.
  static func from(_ error: any Error) -> RPCError {
    switch error {
    case let error as RPCError: error
    case let error as any RPCErrorConvertible: error.rpcError
    case is CancellationError: RPCError(.cancelled, "the call was cancelled")
    default: RPCError(.unknown, "the service failed; its log says why")
    }
  }
}

/// An error that knows how it looks to a caller.
public protocol RPCErrorConvertible: Error {
  var rpcError: RPCError { get }
}
