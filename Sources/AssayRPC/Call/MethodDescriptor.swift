public import AssayIdentity

/// A method as its .proto declares it.
public struct MethodDescriptor: Hashable, Sendable {
  /// `/assay.lineage.v1.LineageService/GetRun`.
  public let name: String
  /// Who may call it.
  public let roles: [Role]
  /// Whether a second execution is harmless, so that a lost answer may be asked for again.
  public let idempotent: Bool
  /// Callable without a session; the handshake only.
  public let anyPeer: Bool
  /// Whether it answers with a stream, pulled in batches.
  public let streaming: Bool

  public init(_ name: String, roles: [Role], idempotent: Bool, anyPeer: Bool, streaming: Bool = false) {
    self.name = name
    self.roles = roles
    self.idempotent = idempotent
    self.anyPeer = anyPeer
    self.streaming = streaming
  }

  /// `assay.lineage.v1.LineageService`.
  public var service: String { String(name.dropFirst().prefix { $0 != "/" }) }
}
