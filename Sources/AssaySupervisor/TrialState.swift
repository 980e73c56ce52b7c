import AssayMessages
import AssayVerdict

/// What is known of a trial, from signed statements alone.
public enum TrialState: String, Codable, Sendable, CaseIterable {
  /// No verdict yet.
  case measuring
  /// It has no legal score; the label says why.
  case failed
  /// It has a score: the baseline's, or one that was not better by more than the noise.
  case measured
  /// Kept by its screening alone, in a task without confirmation.
  case kept
  /// Kept, after it was better on fresh seeds too.
  case confirmed
  /// It looked better, and was not on fresh seeds.
  case withdrawn
  /// Its verdict was taken back.
  case revoked

  init(_ record: LineageV1.TrialRecord) {
    guard let verdict = record.verdict else {
      self = .measuring
      return
    }
    let wasConfirmed = verdict.usage.contains { $0.phase.hasPrefix("confirm-") }
    self =
      switch verdict.label {
      case _ where record.standing == .revoked: .revoked
      case .keep: wasConfirmed ? .confirmed : .kept
      case .discard: wasConfirmed ? .withdrawn : .measured
      case .baseline: .measured
      default: .failed
      }
  }
}
