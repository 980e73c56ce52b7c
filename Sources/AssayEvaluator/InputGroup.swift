/// The held-out inputs of one predict job, without their answers.
struct InputGroup: Codable, Hashable, Sendable {
  struct File: Codable, Hashable, Sendable {
    /// Relative to `/inputs`.
    var path: String
    var digest: String
    var size: UInt64
  }
  /// A name of letters, digits, '-' and '_'.
  var name: String
  var files: [File]
}
