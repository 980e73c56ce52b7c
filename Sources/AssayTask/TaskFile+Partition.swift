import AssayPatch

extension TaskFile {
  /// What one specialist may edit.
  public struct Partition: Sendable, Hashable {
    public var name: String
    public var title: String
    public var scope: EditScope

    public init(name: String, title: String, scope: EditScope) {
      self.name = name
      self.title = title
      self.scope = scope
    }
  }

  /// How many seeds; which ones, the evaluator decides.
  public struct Seeds: Sendable, Hashable {
    public var perTrial: Int
    public var baseline: Int
    public var final: Int
    /// Fresh seeds on which a trial that looks better is measured beside the incumbent before it is kept; 0: it is kept at once.
    public var confirm: Int
  }
}
