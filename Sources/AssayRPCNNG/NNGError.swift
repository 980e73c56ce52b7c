import AssayRPC
import CNNG

/// What an nng call returned.
struct NNGError: Error, Sendable, Equatable {
  let code: Int32

  static let timedOut = NNGError(code: Int32(NNG_ETIMEDOUT.rawValue))
  static let cancelled = NNGError(code: Int32(NNG_ECANCELED.rawValue))
  static let closed = NNGError(code: Int32(NNG_ECLOSED.rawValue))
  static let addressInUse = NNGError(code: Int32(NNG_EADDRINUSE.rawValue))

  var text: String { String(cString: nng_strerror(code)) }

  static func check(_ result: Int32) throws(NNGError) {
    if result != 0 { throw NNGError(code: result) }
  }
}
