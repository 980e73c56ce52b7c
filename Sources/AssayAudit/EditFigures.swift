/// Edits by what they change, told by the syntax trees before and after.
public struct EditFigures: Codable, Sendable, Equatable {
  public struct Row: Codable, Sendable, Equatable {
    /// Same syntax tree but for constants.
    public var constantOnly = 0
    /// The tree itself differs.
    public var programLevel = 0
    /// The trees are equal: comments, blanks, or nothing.
    public var unchanged = 0
    /// The record holds no code of the trial or of its parent, or it does not parse.
    public var unknown = 0

    private enum CodingKeys: String, CodingKey {
      case constantOnly = "constant_only"
      case programLevel = "program_level"
      case unchanged, unknown
    }
  }

  public var total = Row()
  /// By domain.
  public var byDomain: [String: Row] = [:]
  /// Kept trials only.
  public var kept = Row()

  public init() {}

  public mutating func add(_ kind: EditKind, domain: String, isKept: Bool) {
    let path: WritableKeyPath<Row, Int> =
      switch kind {
      case .constantOnly: \.constantOnly
      case .programLevel: \.programLevel
      case .unchanged: \.unchanged
      case .unknown: \.unknown
      }
    total[keyPath: path] += 1
    byDomain[domain, default: Row()][keyPath: path] += 1
    if isKept { kept[keyPath: path] += 1 }
  }

  private enum CodingKeys: String, CodingKey {
    case total
    case byDomain = "by_domain"
    case kept
  }
}

/// What an edit changes.
public enum EditKind: String, Codable, Sendable {
  case constantOnly = "constant_only"
  case programLevel = "program_level"
  case unchanged
  case unknown
}
