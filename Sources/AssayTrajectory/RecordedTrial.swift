/// A trial as a record has it, whether measured live or imported.
///
/// Texts are whatever was recorded: they may hold terminal escapes and markup. Clean them before they are shown.
public struct RecordedTrial: Codable, Sendable, Equatable {
  /// Place in the record, dense from 0: what other trials are referred to by.
  public var position: Int
  /// The record's own name for it, such as `077`. Not always unique in an imported record.
  public var id: String
  public var parent: ParentClaim
  public var specialist: String
  /// Part of the recipe that was edited.
  public var domain: String
  public var hypothesis: String
  public var notes: String
  public var label: String
  public var outcome: TrialOutcome
  public var score: Reading
  /// Score minus the best score when the trial was recorded.
  public var delta: Reading
  public var expectedDelta: Reading
  public var artifactBytes: Reading
  /// Seconds.
  public var trainSeconds: Reading
  /// Seconds.
  public var evalSeconds: Reading
  /// Seconds of the node, all phases.
  public var totalSeconds: Reading
  /// As recorded, ISO 8601 in all formats that are known.
  public var recordedAt: String
  /// Columns that have no place above, by name, as recorded.
  public var extra: [String: String]
  public var flags: [RecordFlag]
  /// What the proposal was made from; nil where the record does not say.
  public var views: ViewsAnswered?
  /// First line in the source, counted from 1; nil for live trials.
  public var line: Int?

  public init(position: Int, id: String) {
    self.position = position
    self.id = id
    parent = ParentClaim(raw: "", position: nil)
    specialist = ""
    domain = ""
    hypothesis = ""
    notes = ""
    label = ""
    outcome = .unreadable
    score = .none
    delta = .none
    expectedDelta = .none
    artifactBytes = .none
    trainSeconds = .none
    evalSeconds = .none
    totalSeconds = .none
    recordedAt = ""
    extra = [:]
    flags = []
    line = nil
    views = nil
  }

  public func has(_ kind: FlagKind) -> Bool { flags.contains { $0.kind == kind } }

  private enum CodingKeys: String, CodingKey {
    case position, id, parent, specialist, domain, hypothesis, notes, label, outcome, score, delta
    case expectedDelta = "expected_delta"
    case artifactBytes = "artifact_bytes"
    case trainSeconds = "train_s"
    case evalSeconds = "eval_s"
    case totalSeconds = "total_s"
    case recordedAt = "recorded_at"
    case extra, flags, views, line
  }
}
