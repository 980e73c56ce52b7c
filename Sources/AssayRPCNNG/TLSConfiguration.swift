import AssayRPC
import CNNG

/// Owns one nng TLS configuration.
struct TLSConfiguration: ~Copyable {
  private let raw: OpaquePointer

  /// For a server: whoever connects has to prove itself.
  static func server(_ credentials: TLSCredentials) throws(RPCError) -> TLSConfiguration {
    let configuration = try TLSConfiguration(NNG_TLS_MODE_SERVER)
    try configuration.use(credentials, NNG_TLS_AUTH_MODE_REQUIRED)
    return configuration
  }

  /// For a client of the server at an address, whose certificate has to name its host.
  static func client(_ credentials: TLSCredentials, of address: String) throws(RPCError) -> TLSConfiguration {
    let configuration = try TLSConfiguration(NNG_TLS_MODE_CLIENT)
    try configuration.use(credentials, NNG_TLS_AUTH_MODE_REQUIRED)
    nng_tls_config_server_name(configuration.raw, host(of: address))
    return configuration
  }

  /// For a server that connects to itself to see whether it can be reached.
  static func probe(_ credentials: TLSCredentials) throws(RPCError) -> TLSConfiguration {
    let configuration = try TLSConfiguration(NNG_TLS_MODE_CLIENT)
    try configuration.use(credentials, NNG_TLS_AUTH_MODE_NONE)
    return configuration
  }

  private init(_ mode: nng_tls_mode) throws(RPCError) {
    var raw: OpaquePointer?
    guard nng_tls_config_alloc(&raw, mode) == 0, let raw else {
      throw RPCError(.internal, reason: "NO_TLS", "this build of nng speaks no TLS")
    }
    self.raw = raw
  }

  private func use(_ credentials: TLSCredentials, _ authentication: nng_tls_auth_mode) throws(RPCError) {
    nng_tls_config_auth_mode(raw, authentication)
    guard nng_tls_config_ca_chain(raw, credentials.authorities, credentials.revoked) == 0 else {
      throw Self.unusable("authorities or its revocation list")
    }
    guard nng_tls_config_own_cert(raw, credentials.certificate, credentials.certificate, nil) == 0 else {
      throw Self.unusable("certificate, or the private key behind it,")
    }
  }

  deinit { nng_tls_config_free(raw) }

  /// nng keeps its own reference to what it was given.
  func withPointer<Value>(_ body: (UnsafeMutableRawPointer) -> Value) -> Value {
    body(UnsafeMutableRawPointer(raw))
  }

  private static func unusable(_ what: String) -> RPCError {
    RPCError(
      .failedPrecondition, reason: "BAD_CERTIFICATE",
      "the TLS \(what) cannot be used: it is no PEM, or of an unknown kind; make one with `assay keys tls`")
  }

  static func host(of address: String) -> String {
    let rest = address.dropFirst("tls+tcp://".count)
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      return String(rest[rest.index(after: rest.startIndex)..<end])
    }
    return String(rest.prefix { $0 != ":" && $0 != "/" })
  }
}
