/// A certificate and its private key.
public struct IssuedCertificate: Sendable {
  /// Its number at the authority that issued it, big-endian.
  public let serial: [UInt8]
  /// The certificate, then its key.
  public let pem: String
}
