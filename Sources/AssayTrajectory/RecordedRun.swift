/// A run as a record has it.
public struct RecordedRun: Codable, Sendable, Equatable {
  public var name: String
  public var provenance: Provenance
  /// Format that it was read from, such as `autoresearch`; `assay` for live runs.
  public var format: String
  /// Name of the score, such as `val_bpb`.
  public var scoreName: String
  public var lowerIsBetter: Bool
  /// Empty where the record has none.
  public var unit: String
  /// Columns of the source in their order; empty for live runs.
  public var columns: [String]
  /// SHA-256 of the source, hex; nil for live runs.
  public var sourceDigest: String?
  public var trialCount: Int
  /// What is to be known of the run as a whole.
  public var notices: [RecordFlag]
  /// Lessons that were written down, verbatim; empty where there are none.
  public var insights: String

  public init(
    name: String, provenance: Provenance, format: String, scoreName: String, lowerIsBetter: Bool,
    unit: String = "", columns: [String] = [], sourceDigest: String? = nil, trialCount: Int = 0,
    notices: [RecordFlag] = [], insights: String = ""
  ) {
    self.name = name
    self.provenance = provenance
    self.format = format
    self.scoreName = scoreName
    self.lowerIsBetter = lowerIsBetter
    self.unit = unit
    self.columns = columns
    self.sourceDigest = sourceDigest
    self.trialCount = trialCount
    self.notices = notices
    self.insights = insights
  }

  /// Whether a score is better than another.
  public func isBetter(_ score: Double, than other: Double) -> Bool {
    lowerIsBetter ? score < other : score > other
  }

  private enum CodingKeys: String, CodingKey {
    case name, provenance, format
    case scoreName = "score_name"
    case lowerIsBetter = "lower_is_better"
    case unit, columns
    case sourceDigest = "source_digest"
    case trialCount = "trial_count"
    case notices, insights
  }
}
