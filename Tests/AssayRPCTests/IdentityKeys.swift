import AssayIdentity

/// Keys that no server of a test trusts.
enum IdentityKeys {
  static let some = IdentityKey()
}
