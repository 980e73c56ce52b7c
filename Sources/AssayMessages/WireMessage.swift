/// A protobuf message as a Swift value. Decoding checks everything that bytes from outside may get wrong.
public protocol WireMessage: Hashable, Sendable {
  init()
  /// Name in the .proto, such as `assay.rpc.v1.Status`.
  static var fullName: String { get }
  func serialized() -> [UInt8]
  init(serialized bytes: UnsafeRawBufferPointer) throws(MessageError)
}

extension WireMessage {
  public init(serialized bytes: [UInt8]) throws(MessageError) {
    self = try bytes.withUnsafeBytes { buffer in
      Result { () throws(MessageError) -> Self in try Self(serialized: buffer) }
    }.get()
  }
}
