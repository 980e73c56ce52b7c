import AssayRPC
import AssayRPCNNG

/// Where an identity's certificates are.
struct TLSFiles: Sendable {
  let authorities: String
  let certificate: String
  let revoked: String?

  /// What the files hold now.
  func credentials() throws(RPCError) -> TLSCredentials {
    try TLSCredentials.load(authorities: authorities, certificate: certificate, revoked: revoked)
  }
}
