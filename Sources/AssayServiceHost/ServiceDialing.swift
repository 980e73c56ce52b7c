public import AssayIdentity
public import AssayRPC
public import AssayRPCNNG

/// Connections of one identity to other services.
public enum ServiceDialing {
  /// A client that connects in the background; calls wait for the connection as their options say.
  ///
  /// - Parameters:
  ///   - address: `ipc://`, `tcp://`, `tls+tcp://` or `inproc://`.
  ///   - server: the public key that the server must prove.
  ///   - tls: needed for `tls+tcp://`.
  public static func client(
    _ address: String, server: PublicIdentity, as key: IdentityKey, tls: TLSCredentials? = nil
  ) throws -> RPCClient {
    RPCClient(
      transport: try NNGClientTransport(address: address, tls: tls),
      credentials: ClientCredentials(key: key, server: server))
  }

  /// The same, with the server's key as text (`assay-ed25519:...`).
  public static func client(
    _ address: String, serverKey: String, as key: IdentityKey, tls: TLSCredentials? = nil
  ) throws -> RPCClient {
    try client(address, server: PublicIdentity(text: serverKey), as: key, tls: tls)
  }
}
