import CNNG

/// Owns one nng message until it is handed to nng.
struct Message: ~Copyable {
  private let raw: OpaquePointer

  /// Takes over a message that nng gave us.
  init(taking raw: OpaquePointer) { self.raw = raw }

  init(_ bytes: [UInt8]) throws(NNGError) {
    var raw: OpaquePointer?
    try NNGError.check(nng_msg_alloc(&raw, bytes.count))
    guard let raw else { throw NNGError(code: Int32(NNG_ENOMEM.rawValue)) }
    bytes.withUnsafeBytes { source in
      if let start = source.baseAddress, let body = nng_msg_body(raw) {
        body.copyMemory(from: start, byteCount: source.count)
      }
    }
    self.raw = raw
  }

  deinit { nng_msg_free(raw) }

  var bytes: [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: nng_msg_body(raw), count: nng_msg_len(raw)))
  }

  /// Gives the message away: whoever takes it frees it.
  consuming func take() -> OpaquePointer {
    let raw = raw
    discard self
    return raw
  }
}
