/// Takes the bytes of a `text/event-stream` as they come and gives the events that are complete.
///
/// What comes out does not depend on how the bytes were cut. After the WHATWG HTML standard, "Server-sent events".
public struct ServerSentEventParser: Sendable {
  /// The most bytes that an event may have.
  public static let maximumEvent = 8 << 20

  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var type = ""
  private var afterReturn = false
  private var first = true

  public init() {}

  /// The events that these bytes complete.
  ///
  /// - Throws: `ModelError` with the code `malformed` for an event larger than ``maximumEvent``.
  public mutating func take(_ bytes: some Sequence<UInt8>) throws(ModelError) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      if afterReturn {
        afterReturn = false
        if byte == 0x0a { continue }
      }
      if byte == 0x0a || byte == 0x0d {
        afterReturn = byte == 0x0d
        if let event = endLine() { events.append(event) }
      } else {
        guard line.count + data.count < Self.maximumEvent else {
          throw ModelError(
            .malformed, "the server sent an event of more than \(Self.maximumEvent >> 20) MiB")
        }
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine() -> ServerSentEvent? {
    if first {
      first = false
      if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    }
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else {
      defer {
        data.removeAll()
        hasData = false
        type = ""
      }
      guard hasData else { return nil }
      return ServerSentEvent(
        type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self))
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    let field = line[..<(colon ?? line.endIndex)]
    var value = colon.map { line[($0 + 1)...] } ?? []
    if value.first == 0x20 { value.removeFirst() }
    if field.elementsEqual("data".utf8) {
      if hasData { data.append(0x0a) }
      hasData = true
      data += value
    } else if field.elementsEqual("event".utf8) {
      type = String(decoding: value, as: UTF8.self)
    }
    return nil
  }
}
