public import AssayIdentity

/// A caller whose key has been proven.
public struct Peer: Hashable, Sendable {
  /// Name in the trust store, such as `agent/opt`.
  public let name: String
  public let roles: [Role]
  public let identity: PublicIdentity

  public init(name: String, roles: [Role], identity: PublicIdentity) {
    self.name = name
    self.roles = roles
    self.identity = identity
  }

  public func has(_ role: Role) -> Bool { roles.contains(role) }
}
