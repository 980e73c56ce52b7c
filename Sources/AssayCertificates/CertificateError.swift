/// Why there is no certificate.
public struct CertificateError: Error, Sendable, CustomStringConvertible {
  public let message: String

  init(_ message: String) { self.message = message }

  public var description: String { message }

  static func wrapping<Value>(_ body: () throws -> Value) throws(CertificateError) -> Value {
    do { return try body() } catch { throw CertificateError("\(error)") }
  }
}
