public import AssayIdentity

/// Who calls, and whom it expects to answer.
public struct ClientCredentials: Sendable {
  public let key: IdentityKey
  /// The server's public key; an answer signed by any other is refused.
  public let server: PublicIdentity

  public init(key: IdentityKey, server: PublicIdentity) {
    self.key = key
    self.server = server
  }
}
