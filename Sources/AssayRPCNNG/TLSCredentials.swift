public import AssayRPC
import Foundation

/// What one end of a `tls+tcp://` connection proves itself with, and whom it believes. Both ends prove themselves. TLS keeps
/// others from reading and from connecting; who the peer is, the session says.
public struct TLSCredentials: Sendable, Hashable {
  /// Certificates of those who may have signed the peer's, as PEM; several for several organisations.
  public var authorities: String
  /// Our certificate, then its private key, as PEM.
  public var certificate: String
  /// Revocation lists of the authorities, as PEM.
  public var revoked: String?

  public init(authorities: String, certificate: String, revoked: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.revoked = revoked
  }

  /// Reads the files that `assay keys tls` makes.
  ///
  /// - Throws: FAILED_PRECONDITION for a file that cannot be read.
  public static func load(authorities: String, certificate: String, revoked: String? = nil) throws(RPCError)
    -> TLSCredentials
  {
    TLSCredentials(
      authorities: try text(of: authorities), certificate: try text(of: certificate),
      revoked: try revoked.map { path throws(RPCError) in try text(of: path) })
  }

  private static func text(of path: String) throws(RPCError) -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw RPCError(
        .failedPrecondition, reason: "NO_CERTIFICATE",
        "cannot read \(path); make certificates with `assay keys tls --directory DIR --name NAME`")
    }
    return text
  }

  /// The credentials that an address needs: nil for one without TLS.
  static func required(_ tls: TLSCredentials?, for address: String) throws(RPCError) -> TLSCredentials? {
    guard address.hasPrefix("tls+tcp://") else { return nil }
    guard let tls else {
      throw RPCError(
        .failedPrecondition, reason: "NO_CERTIFICATE",
        "\(address) needs certificates: name them with --tls-ca and --tls-cert (`assay keys tls` makes them)")
    }
    return tls
  }
}
