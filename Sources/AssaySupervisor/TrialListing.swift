import AssayMessages

/// Which trials to list.
public struct TrialListing: Sendable {
  /// The indexed views of the lineage service.
  public enum View: String, Sendable, CaseIterable {
    case all, leaderboard, kept, recent, lineage, failures, orphaned, repeated, revoked
    case inFlight = "in-flight"

    var wire: LineageV1.TrialView {
      switch self {
      case .all: .all
      case .leaderboard: .leaderboard
      case .kept: .kept
      case .recent: .recent
      case .inFlight: .inFlight
      case .failures: .failures
      case .revoked: .revoked
      case .lineage: .bestLineage
      case .orphaned: .orphaned
      case .repeated: .repeated
      }
    }
  }

  let view: View
  let specialist: String?
  let label: String?
  let limit: Int

  /// Every trial of a run.
  public static let everything = TrialListing(
    view: .all, specialist: nil, label: nil, limit: .max, checked: ())

  private init(view: View, specialist: String?, label: String?, limit: Int, checked: Void) {
    self.view = view
    self.specialist = specialist
    self.label = label
    self.limit = limit
  }

  public init(view: View, specialist: String?, label: String?, limit: Int) throws {
    if let label, !LabelText.all.contains(label) {
      throw SupervisorError(.usage, "no label '\(label)'. Labels: \(LabelText.all.joined(separator: ", ")).")
    }
    if limit < 1 { throw SupervisorError(.usage, "--limit must be at least 1.") }
    self.init(view: view, specialist: specialist, label: label, limit: limit, checked: ())
  }

  func admits(_ row: TrialRow) -> Bool {
    (specialist == nil || row.specialist == specialist) && (label == nil || row.label == label)
  }
}
