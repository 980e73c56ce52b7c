public import AssayIdentity

/// What is common to all statements of a record.
public enum StatementKind {
  /// The predicate type of an envelope that `key` signed.
  ///
  /// - Throws: `IdentityError`: `.signatureInvalid` when `key` did not sign it, `.malformed` when it is no in-toto statement.
  public static func verified(envelope: [UInt8], key: PublicIdentity) throws(IdentityError) -> String {
    try StatementJSON.kind(envelope, by: key)
  }
}
