internal import CAssayProto
internal import CProtobufC

/// A message that travels through protobuf-c's struct of it.
protocol PackedMessage: WireMessage {
  associatedtype CStruct
  static func initialize(_ pointer: UnsafeMutablePointer<CStruct>)
  func fill(_ pointer: UnsafeMutablePointer<CStruct>, _ arena_: inout Arena)
  init(_ pointer: UnsafePointer<CStruct>) throws(MessageError)
}

/// How deep messages may nest, and how much memory one may take while it is unpacked.
enum DecodingLimits {
  static let depth: Int32 = 32
  static let minimumBudget = 1 << 20
  static let budgetFactor = 16
  static let maximumBudget = 96 << 20
}

extension PackedMessage {
  func packed() -> [UInt8] {
    var arena = Arena()
    let message = arena.message(self)
    return message.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
      let size = protobuf_c_message_get_packed_size(base)
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        if let start = buffer.baseAddress, size > 0 { count = protobuf_c_message_pack(base, start) }
      }
    }
  }

  static func unpacked(_ bytes: UnsafeRawBufferPointer) throws(MessageError) -> Self {
    let descriptor = withUnsafeTemporaryAllocation(of: CStruct.self, capacity: 1) { buffer in
      // A temporary allocation of one element always has a base address.
      let pointer = buffer.baseAddress.unsafelyUnwrapped
      initialize(pointer)
      return pointer.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { $0.pointee.descriptor }
    }
    guard let descriptor,
      bytes.isEmpty
        || assay_structure_ok(
          descriptor, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, DecodingLimits.depth
        ) != 0
    else {
      throw MessageError(
        .malformed, "\(fullName): the bytes are not a message, or nest deeper than \(DecodingLimits.depth)")
    }
    let budget = min(
      DecodingLimits.maximumBudget, DecodingLimits.minimumBudget + bytes.count * DecodingLimits.budgetFactor)
    var arena = Arena(limit: budget)
    guard let message = arena.unpack(descriptor, bytes) else {
      throw MessageError(
        .malformed, "\(fullName): the bytes cannot be unpacked within \(budget) bytes of memory")
    }
    let pointer = UnsafeRawPointer(message).assumingMemoryBound(to: CStruct.self)
    let result = Result<Self, MessageError> { () throws(MessageError) -> Self in try Self(pointer) }
    // The arena must outlive every read through `pointer`.
    _ = consume arena
    return try result.get()
  }
}
