import Crypto

/// What ties calls of several services together: a trace, and the span that they belong to (W3C Trace Context, level 1).
///
/// It travels in the metadata entry `traceparent`: a client sends the one of its task, a server runs handlers in the one that it
/// received, and so do the calls that they make.
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
  public static let metadataKey = "traceparent"

  @TaskLocal public static var current: TraceContext?

  /// 16 bytes, not all zero.
  public let trace: [UInt8]
  /// 8 bytes, not all zero.
  public let span: [UInt8]

  /// A trace of its own.
  public static func root() -> TraceContext {
    TraceContext(trace: Handshake.random(16), span: Handshake.random(8))
  }

  /// The trace of something that has a name: everybody who derives it gets the same.
  public init(deriving name: String) {
    trace = Array(SHA256.hash(data: Array(name.utf8)).prefix(16))
    span = Handshake.random(8)
  }

  private init(trace: [UInt8], span: [UInt8]) {
    self.trace = trace
    self.span = span
  }

  /// Reads `00-<trace>-<span>-<flags>`; nil for anything else.
  public init?(traceparent: String) {
    let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "00", parts[3].utf8.count == 2,
      let trace = Self.bytes(parts[1], 16), let span = Self.bytes(parts[2], 8)
    else { return nil }
    self.init(trace: trace, span: span)
  }

  /// Another span of the same trace.
  public func child() -> TraceContext { TraceContext(trace: trace, span: Handshake.random(8)) }

  public var traceparent: String { "00-\(Self.hex(trace))-\(Self.hex(span))-01" }

  /// The trace in lower-case hex.
  public var description: String { Self.hex(trace) }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bytes(_ text: Substring, _ count: Int) -> [UInt8]? {
    let digits = text.utf8.compactMap { digit -> UInt8? in
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    guard text.utf8.count == 2 * count, digits.count == 2 * count, digits.contains(where: { $0 != 0 }) else {
      return nil
    }
    return (0..<count).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
  }
}
