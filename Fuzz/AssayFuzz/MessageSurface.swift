import AssayMessages

/// Every message of the schema: what is read writes the same again. The first byte says which.
struct MessageSurface: Surface {
  static let name = "messages"
  static let weight = 60

  /// For each message each field alone, as text, as a number and as a message, and all pairs of neighbours.
  var seeds: [[UInt8]] {
    AllMessages.types.indices.flatMap { index -> [[UInt8]] in
      let fields = (1...15).flatMap { number -> [[UInt8]] in
        let header = UInt8(number << 3)
        return [[header | 2, 2, 0x61, 0x62], [header, 1], [header | 2, 4, 0x0a, 2, 0x61, 0x62]]
      }
      return [[UInt8(index)]]
        + (fields + zip(fields, fields.dropFirst(3)).map { $0 + $1 }).map { [UInt8(index)] + $0 }
    }
  }

  func consume(_ bytes: [UInt8]) throws -> Bool {
    guard let first = bytes.first else { return false }
    return try AllMessages.types[Int(first) % AllMessages.types.count].consume(Array(bytes.dropFirst()))
  }
}

extension WireMessage {
  fileprivate static func consume(_ bytes: [UInt8]) throws -> Bool {
    guard let message = try? Self(serialized: bytes) else { return false }
    let written = message.serialized()
    guard let again = try? Self(serialized: written) else {
      throw Finding("\(fullName): what it wrote cannot be read")
    }
    // A number that is none equals nothing, itself included: then the bytes have to agree.
    guard again == message || again.serialized() == written else {
      throw Finding("\(fullName): what it wrote is something else")
    }
    return true
  }
}
