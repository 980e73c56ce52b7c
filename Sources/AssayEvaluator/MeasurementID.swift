/// One measurement of one trial's recipe.
struct MeasurementID: Hashable, Sendable, CustomStringConvertible {
  enum Purpose: String, Sendable {
    /// The trial itself; for trial 0, the baseline.
    case trial
    /// Seeds of the baseline that were far from the others, once more.
    case again
    /// The trial and the incumbent beside each other, on fresh seeds.
    case confirm
    /// The re-score on fresh seeds and the sealed split when the run ends.
    case final
    /// A short run that is no trial; `trial` is its number among those.
    case smoke
  }
  var run: String
  var trial: UInt32
  var purpose: Purpose

  var description: String { "\(run)/\(trial)/\(purpose.rawValue)" }
}
