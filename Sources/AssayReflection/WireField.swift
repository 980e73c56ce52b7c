/// One field of an encoded message (protobuf.dev, Encoding).
struct WireField {
  enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
  }
  let number: Int
  let value: Value

  /// The fields of a message, in order.
  static func fields(of bytes: ArraySlice<UInt8>) throws(ReflectionError) -> [WireField] {
    var rest = bytes
    var fields: [WireField] = []
    while !rest.isEmpty {
      let key = try varint(&rest)
      guard key >> 3 > 0, key >> 3 < 1 << 29 else {
        throw ReflectionError("the message has a field without a number")
      }
      let value: Value
      switch key & 7 {
      case 0: value = .varint(try varint(&rest))
      case 1: value = .fixed64(try fixed(8, &rest))
      case 2:
        let count = try varint(&rest)
        guard count <= UInt64(rest.count) else { throw ReflectionError("the message ends within a field") }
        value = .bytes(rest.prefix(Int(count)))
        rest = rest.dropFirst(Int(count))
      case 5: value = .fixed32(UInt32(try fixed(4, &rest)))
      default: throw ReflectionError("the message has a field of an unknown kind")
      }
      fields.append(WireField(number: Int(key >> 3), value: value))
    }
    return fields
  }

  static func varint(_ bytes: inout ArraySlice<UInt8>) throws(ReflectionError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { break }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw ReflectionError("the message has a number that does not end")
  }

  private static func fixed(_ count: Int, _ bytes: inout ArraySlice<UInt8>) throws(ReflectionError) -> UInt64
  {
    guard bytes.count >= count else { throw ReflectionError("the message ends within a field") }
    let value = bytes.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bytes = bytes.dropFirst(count)
    return value
  }

  var text: String {
    if case .bytes(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "" }
  }
  var slice: ArraySlice<UInt8> {
    if case .bytes(let bytes) = value { bytes } else { [] }
  }
  var integer: UInt64 {
    switch value {
    case .varint(let value), .fixed64(let value): value
    case .fixed32(let value): UInt64(value)
    case .bytes: 0
    }
  }
}
