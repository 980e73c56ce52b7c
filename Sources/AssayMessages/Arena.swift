internal import CAssayProto
internal import CProtobufC

/// Memory of one message while it is packed or unpacked.
struct Arena: ~Copyable {
  private var arena: assay_arena

  init(limit: Int = .max / 2) {
    arena = assay_arena(cursor: nil, end: nil, chunks: nil, used: 0, limit: limit)
  }

  deinit {
    var arena = arena
    assay_arena_free(&arena)
  }

  private mutating func raw(_ size: Int) -> UnsafeMutableRawPointer {
    guard let pointer = assay_arena_allocate(&arena, size) else {
      // Packing our own values has no budget: only an exhausted heap ends here, as it does in Swift's own allocator.
      preconditionFailure("out of memory")
    }
    return pointer
  }

  mutating func allocate<T>(_: T.Type) -> UnsafeMutablePointer<T> {
    raw(MemoryLayout<T>.size).bindMemory(to: T.self, capacity: 1)
  }

  mutating func array<T>(_: T.Type, count: Int) -> UnsafeMutablePointer<T> {
    raw(MemoryLayout<T>.stride * count).bindMemory(to: T.self, capacity: count)
  }

  mutating func blob(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    guard !bytes.isEmpty else { return ProtobufCBinaryData(len: 0, data: nil) }
    let pointer = array(UInt8.self, count: bytes.count)
    bytes.withUnsafeBufferPointer {
      _ = UnsafeMutableBufferPointer(start: pointer, count: bytes.count).initialize(from: $0)
    }
    return ProtobufCBinaryData(len: bytes.count, data: pointer)
  }

  /// No peer accepts a NUL in a string: it travels as SUBSTITUTE (0x1A), so that text of a recipe's making can never
  /// turn a message into one that is refused for ever.
  mutating func text(_ text: String) -> ProtobufCBinaryData {
    let count = text.utf8.count
    guard count > 0 else { return ProtobufCBinaryData(len: 0, data: nil) }
    let pointer = array(UInt8.self, count: count)
    let buffer = UnsafeMutableBufferPointer(start: pointer, count: count)
    _ = buffer.initialize(from: text.utf8)
    for index in buffer.indices where buffer[index] == 0 { buffer[index] = 0x1A }
    return ProtobufCBinaryData(len: count, data: pointer)
  }

  mutating func message<Message: PackedMessage>(_ message: Message) -> UnsafeMutablePointer<Message.CStruct> {
    let pointer = allocate(Message.CStruct.self)
    Message.initialize(pointer)
    message.fill(pointer, &self)
    return pointer
  }

  mutating func unpack(
    _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<ProtobufCMessage>? {
    assay_arena_unpack(&arena, descriptor, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
  }
}
