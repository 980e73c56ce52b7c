/// Why a model gave no answer.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a failure.
  public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// There is no key, or the server does not accept it.
    public static let unauthorized = Code(rawValue: "unauthorized")
    /// The server does not know the model or the address.
    public static let notFound = Code(rawValue: "not_found")
    /// The server refused the request as it is; the same again will not help.
    public static let refused = Code(rawValue: "refused")
    /// Too many requests, or too much load: later.
    public static let overloaded = Code(rawValue: "overloaded")
    /// The server failed.
    public static let serverFailed = Code(rawValue: "server_failed")
    /// No connection could be made.
    public static let unreachable = Code(rawValue: "unreachable")
    /// No answer in time.
    public static let timedOut = Code(rawValue: "timed_out")
    /// The answer broke off.
    public static let brokenOff = Code(rawValue: "broken_off")
    /// The answer makes no sense.
    public static let malformed = Code(rawValue: "malformed")
  }

  public let code: Code
  /// What happened, with the remedy where there is one. Holds no key.
  public let message: String
  /// The HTTP status, where there was one.
  public let status: Int?
  /// How long the server asks to wait.
  public let retryAfter: Duration?
  /// What the server counted before the answer broke off.
  public var usage: TokenUsage?

  public init(
    _ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil, usage: TokenUsage? = nil
  ) {
    self.code = code
    self.message = message
    self.status = status
    self.retryAfter = retryAfter
    self.usage = usage
  }

  public var description: String { "\(code): \(message)" }

  /// Whether the same request may work later.
  public var isTransient: Bool {
    switch code {
    case .overloaded, .serverFailed, .unreachable, .timedOut, .brokenOff, .malformed: true
    default: false
    }
  }

  /// Whether the server may have worked on the request, and may charge for it.
  public var mayBeCharged: Bool {
    switch code {
    case .timedOut, .brokenOff, .malformed: true
    default: false
    }
  }
}
