public import AssayIdentity
public import AssayRPC
public import AssayRPCNNG

/// Connections of one identity to other services.
public enum ServiceDialing {
  /// A client that connects in the background; calls wait for the connection as their options say.
  ///
  /// - Parameters:
  ///   - address: `ipc://`, `tcp://`, `tls+tcp://` or `inproc://`; several of one service, separated by commas, share the calls.
  ///   - server: the public key that the server must prove.
  ///   - tls: needed for `tls+tcp://`.
  public static func client(
    _ address: String, server: PublicIdentity, as key: IdentityKey, tls: TLSCredentials? = nil
  ) throws -> RPCClient {
    guard !address.split(separator: ",").isEmpty else {
      throw TransportError(
        .notSent, "the address is empty. Addresses look like ipc:///path or tcp://host:port.")
    }
    return RPCClient(
      transports: try address.split(separator: ",").map {
        try NNGClientTransport(address: String($0), tls: tls)
      },
      credentials: ClientCredentials(key: key, server: server), observe: CallLog.client)
  }

  /// The same, with the server's key as text (`assay-ed25519:...`), or in a file.
  public static func client(
    _ address: String, serverKey: String, as key: IdentityKey, tls: TLSCredentials? = nil
  ) throws -> RPCClient {
    try client(address, server: PublicIdentity(textOrFile: serverKey), as: key, tls: tls)
  }
}
