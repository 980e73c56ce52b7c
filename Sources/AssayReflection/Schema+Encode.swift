import Foundation

extension Schema {
  /// A message from JSON (protobuf.dev, ProtoJSON): fields by their JSON name or the name in the .proto, integers as
  /// numbers or strings, bytes as base64, enum values as names or numbers; null is the default.
  ///
  /// - Throws: `ReflectionError` that names the field and what it takes.
  public func bytes(_ message: String, from json: JSONValue) throws(ReflectionError) -> [UInt8] {
    try bytes(message, from: json, at: "", depth: 0)
  }

  private func bytes(_ message: String, from json: JSONValue, at path: String, depth: Int)
    throws(ReflectionError) -> [UInt8]
  {
    guard depth < Self.maximumDepth else { throw ReflectionError("\(path) nests too deep") }
    guard let fields = messages[message] else { throw ReflectionError("there is no message \(message)") }
    guard case .object(let object) = json else {
      throw ReflectionError("\(path.isEmpty ? message : path) must be a JSON object")
    }
    for name in object.keys.sorted() where !fields.contains(where: { $0.jsonName == name || $0.name == name })
    {
      throw ReflectionError(
        "\(message) has no field '\(name)'. It has: \(fields.map(\.jsonName).joined(separator: ", ")).")
    }
    var writer: [UInt8] = []
    for field in fields {
      guard let value = object[field.jsonName] ?? object[field.name], value != .null else { continue }
      let place = path.isEmpty ? field.jsonName : "\(path).\(field.jsonName)"
      guard field.repeated else {
        try append(value, of: field, at: place, depth, to: &writer)
        continue
      }
      guard case .array(let items) = value else { throw ReflectionError("\(place) must be a JSON array") }
      for (index, item) in items.enumerated() {
        try append(item, of: field, at: "\(place)[\(index)]", depth, to: &writer)
      }
    }
    return writer
  }

  private func append(
    _ json: JSONValue, of field: Field, at place: String, _ depth: Int, to writer: inout [UInt8]
  )
    throws(ReflectionError)
  {
    func key(_ wire: UInt64) { Self.varint(UInt64(field.number) << 3 | wire, to: &writer) }
    func blob(_ bytes: [UInt8]) {
      key(2)
      Self.varint(UInt64(bytes.count), to: &writer)
      writer += bytes
    }
    func varint(_ bits: UInt64) {
      key(0)
      Self.varint(bits, to: &writer)
    }
    func fixed(_ bits: UInt64, _ count: Int) {
      key(count == 8 ? 1 : 5)
      for shift in 0..<count { writer.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * shift))) }
    }
    func wanted(_ what: String) -> ReflectionError { ReflectionError("\(place) must be \(what)") }
    func signed<Number: FixedWidthInteger & SignedInteger>(_ type: Number.Type) throws(ReflectionError)
      -> Int64
    {
      guard let value = Self.integer(json, as: Number.self) else {
        throw wanted("an integer of \(Number.bitWidth) bits")
      }
      return Int64(value)
    }
    func unsigned<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) throws(ReflectionError)
      -> UInt64
    {
      guard let value = Self.integer(json, as: Number.self) else {
        throw wanted("an integer of \(Number.bitWidth) bits that is not negative")
      }
      return UInt64(value)
    }
    switch field.kind {
    case .int32: varint(UInt64(bitPattern: try signed(Int32.self)))
    case .int64: varint(UInt64(bitPattern: try signed(Int64.self)))
    case .uint32: varint(try unsigned(UInt32.self))
    case .uint64: varint(try unsigned(UInt64.self))
    case .sint32:
      let value = try signed(Int32.self)
      varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    case .sint64:
      let value = try signed(Int64.self)
      varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    case .fixed32: fixed(try unsigned(UInt32.self), 4)
    case .fixed64: fixed(try unsigned(UInt64.self), 8)
    case .sfixed32: fixed(UInt64(bitPattern: try signed(Int32.self)), 4)
    case .sfixed64: fixed(UInt64(bitPattern: try signed(Int64.self)), 8)
    case .double, .float:
      guard let value = Self.real(json) else { throw wanted("a number, \"NaN\" or \"Infinity\"") }
      field.kind == .double ? fixed(value.bitPattern, 8) : fixed(UInt64(Float(value).bitPattern), 4)
    case .bool:
      guard case .bool(let value) = json else { throw wanted("true or false") }
      varint(value ? 1 : 0)
    case .string:
      guard case .string(let value) = json else { throw wanted("a string") }
      blob(Array(value.utf8))
    case .bytes:
      guard case .string(let value) = json, let data = Data(base64Encoded: value) else {
        throw wanted("base64")
      }
      blob([UInt8](data))
    case .enumeration:
      let values = enums[field.typeName] ?? []
      if case .string(let name) = json, let value = values.first(where: { $0.name == name }) {
        varint(UInt64(bitPattern: Int64(value.number)))
      } else if let number = Self.integer(json, as: Int32.self) {
        varint(UInt64(bitPattern: Int64(number)))
      } else {
        throw wanted("one of \(values.map(\.name).joined(separator: ", "))")
      }
    case .message: blob(try bytes(field.typeName, from: json, at: place, depth: depth + 1))
    }
  }

  private static func varint(_ value: UInt64, to writer: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      writer.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    writer.append(UInt8(value))
  }

  private static func integer<Number: FixedWidthInteger>(_ json: JSONValue, as type: Number.Type) -> Number? {
    switch json {
    case .integer(let value): Number(exactly: value)
    case .unsigned(let value): Number(exactly: value)
    case .real(let value): Number(exactly: value)
    case .string(let text): Number(text)
    default: nil
    }
  }

  private static func real(_ json: JSONValue) -> Double? {
    switch json {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .real(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    case .string(let text): Double(text)
    default: nil
    }
  }
}
