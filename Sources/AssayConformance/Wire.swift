/// Protobuf's encoding by hand: what no honest encoder writes has to be written somehow.
enum Wire {
  static func varint(_ value: UInt64) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  static func bytes(_ field: UInt32, _ content: [UInt8]) -> [UInt8] {
    varint(UInt64(field) << 3 | 2) + varint(UInt64(content.count)) + content
  }

  static func text(_ field: UInt32, _ content: String) -> [UInt8] { bytes(field, Array(content.utf8)) }

  static func number(_ field: UInt32, _ value: UInt64) -> [UInt8] {
    varint(UInt64(field) << 3) + varint(value)
  }

  /// A field that nobody knows, to be ignored.
  static func unknown(bytes count: Int) -> [UInt8] { bytes(19_000, [UInt8](repeating: 0x61, count: count)) }
}
