/// What an import found.
public struct ImportReport: Codable, Sendable, Equatable {
  public var name: String
  public var folder: String
  public var format: String
  public var digest: String
  /// Rows of the record, the baseline included.
  public var rows: Int
  public var scoreName: String
  public var lowerIsBetter: Bool
  /// How often each kind of flag was raised.
  public var flags: [String: Int]
  /// True when the same record was there already, and nothing was changed.
  public var alreadyImported: Bool

  private enum CodingKeys: String, CodingKey {
    case name, folder, format, digest, rows
    case scoreName = "score_name"
    case lowerIsBetter = "lower_is_better"
    case flags
    case alreadyImported = "already_imported"
  }
}
