/// The canonical status codes (google.rpc.Code), open for codes that a peer may send and we do not know.
public struct RPCStatus: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let ok = RPCStatus(rawValue: 0)
  public static let cancelled = RPCStatus(rawValue: 1)
  public static let unknown = RPCStatus(rawValue: 2)
  public static let invalidArgument = RPCStatus(rawValue: 3)
  public static let deadlineExceeded = RPCStatus(rawValue: 4)
  public static let notFound = RPCStatus(rawValue: 5)
  public static let alreadyExists = RPCStatus(rawValue: 6)
  public static let permissionDenied = RPCStatus(rawValue: 7)
  public static let resourceExhausted = RPCStatus(rawValue: 8)
  public static let failedPrecondition = RPCStatus(rawValue: 9)
  public static let aborted = RPCStatus(rawValue: 10)
  public static let outOfRange = RPCStatus(rawValue: 11)
  public static let unimplemented = RPCStatus(rawValue: 12)
  public static let `internal` = RPCStatus(rawValue: 13)
  public static let unavailable = RPCStatus(rawValue: 14)
  public static let dataLoss = RPCStatus(rawValue: 15)
  public static let unauthenticated = RPCStatus(rawValue: 16)

  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]

  public var description: String {
    rawValue < UInt32(Self.names.count) ? Self.names[Int(rawValue)] : "CODE_\(rawValue)"
  }
}
