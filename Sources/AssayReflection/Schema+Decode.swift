import Foundation

extension Schema {
  /// Nesting that is followed; messages of ours nest less.
  static let maximumDepth = 32

  /// A message as JSON (protobuf.dev, ProtoJSON): 64-bit integers are strings, bytes base64, enum values names, and
  /// fields that have their default are left out.
  public func json(_ message: String, _ bytes: [UInt8]) throws(ReflectionError) -> JSONValue {
    try json(message, bytes[...], depth: 0)
  }

  private func json(_ message: String, _ bytes: ArraySlice<UInt8>, depth: Int) throws(ReflectionError)
    -> JSONValue
  {
    guard depth < Self.maximumDepth else { throw ReflectionError("the message nests too deep") }
    guard let fields = messages[message] else { throw ReflectionError("there is no message \(message)") }
    var object: [String: JSONValue] = [:]
    for part in try WireField.fields(of: bytes) {
      guard let field = fields.first(where: { $0.number == part.number }) else { continue }
      guard field.repeated else {
        object[field.jsonName] = try value(part.value, of: field, depth)
        continue
      }
      var items: [JSONValue] = []
      if case .array(let earlier) = object[field.jsonName] { items = earlier }
      if case .bytes(var packed) = part.value, field.isPackable {
        while !packed.isEmpty { items.append(try value(try field.unpack(&packed), of: field, depth)) }
      } else {
        items.append(try value(part.value, of: field, depth))
      }
      object[field.jsonName] = .array(items)
    }
    return .object(object)
  }

  private func value(_ value: WireField.Value, of field: Field, _ depth: Int) throws(ReflectionError)
    -> JSONValue
  {
    switch (field.kind, value) {
    case (.double, .fixed64(let bits)): Self.real(Double(bitPattern: bits))
    case (.float, .fixed32(let bits)): Self.real(Double(Float(bitPattern: bits)))
    case (.int64, .varint(let bits)), (.sfixed64, .fixed64(let bits)): .string("\(Int64(bitPattern: bits))")
    case (.uint64, .varint(let bits)), (.fixed64, .fixed64(let bits)): .string("\(bits)")
    case (.int32, .varint(let bits)): .integer(Int64(Int32(truncatingIfNeeded: bits)))
    case (.uint32, .varint(let bits)): .integer(Int64(UInt32(truncatingIfNeeded: bits)))
    case (.fixed32, .fixed32(let bits)): .integer(Int64(bits))
    case (.sfixed32, .fixed32(let bits)): .integer(Int64(Int32(bitPattern: bits)))
    case (.sint32, .varint(let bits)), (.sint64, .varint(let bits)):
      field.kind == .sint32
        ? .integer(Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1))
        : .string("\(Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1))")
    case (.bool, .varint(let bits)): .bool(bits != 0)
    case (.string, .bytes(let bytes)): .string(String(decoding: bytes, as: UTF8.self))
    case (.bytes, .bytes(let bytes)): .string(Data(bytes).base64EncodedString())
    case (.enumeration, .varint(let bits)):
      enums[field.typeName]?.first { $0.number == Int32(truncatingIfNeeded: bits) }.map { .string($0.name) }
        ?? .integer(Int64(Int32(truncatingIfNeeded: bits)))
    case (.message, .bytes(let bytes)): try json(field.typeName, bytes, depth: depth + 1)
    default: throw ReflectionError("field \(field.name) is not encoded as its type")
    }
  }

  private static func real(_ value: Double) -> JSONValue {
    value.isNaN
      ? .string("NaN") : value.isInfinite ? .string(value < 0 ? "-Infinity" : "Infinity") : .real(value)
  }
}

extension Schema.Field {
  var isPackable: Bool { kind != .string && kind != .bytes && kind != .message }

  fileprivate func unpack(_ bytes: inout ArraySlice<UInt8>) throws(ReflectionError) -> WireField.Value {
    let size =
      switch kind {
      case .double, .fixed64, .sfixed64: 8
      case .float, .fixed32, .sfixed32: 4
      default: 0
      }
    guard size > 0 else { return .varint(try WireField.varint(&bytes)) }
    guard bytes.count >= size else { throw ReflectionError("the message ends within field \(name)") }
    let bits = bytes.prefix(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bytes = bytes.dropFirst(size)
    return size == 8 ? .fixed64(bits) : .fixed32(UInt32(bits))
  }
}
