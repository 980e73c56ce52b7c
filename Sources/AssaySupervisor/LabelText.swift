import AssayMessages
import AssayVerdict

/// Labels as a person types and reads them: the verdicts' words, and `in_flight` for trials that have none yet.
public enum LabelText {
  public static let inFlight = "in_flight"

  public static func name(_ label: LineageV1.VerdictLabel) -> String { label.word }

  /// Every label a trial can be shown with.
  public static let all = LineageV1.VerdictLabel.words.map(\.word) + [inFlight]
}
