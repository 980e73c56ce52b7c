import AssayMessages

/// Predicts that a trial fails a cap, before it is run: by the same change on another parent, or by a probe of the trial itself.
///
/// A prediction refuses only what is nearly certain to fail: what the trial costs at least, by a bound, is over the cap. It can turn a
/// trial into a failure and never into a success, so that no recipe gains by how it behaves in a probe.
struct CheapGate: Hashable, Sendable {
  /// In policies; another rule gets another name.
  static let name = "cheap-gates/v1"

  /// A cap that a trial may break.
  enum Cap: String, Codable, CaseIterable, Hashable, Sendable {
    case size, train, predict

    var label: LineageV1.VerdictLabel {
      switch self {
      case .size: .sizeBlocked
      case .train: .trainBudgetOverrun
      case .predict: .evalBudgetOverrun
      }
    }
  }

  /// What is predicted of one cap, in shares of it.
  struct Prediction: Codable, Hashable, Sendable {
    var cap: Cap
    var expected: Double
    /// The trial is nearly certain to cost at least this.
    var lower: Double
    /// What it rests on, for people.
    var basis: String

    var refuses: Bool { lower > 1 }
  }

  /// A trial of the run that was run in full.
  struct Precedent: Hashable, Sendable {
    var trial: UInt32
    /// The digest of its change; empty where it is not known.
    var change: String
    var whole: Outlay
    /// Nil where it was not probed.
    var probe: Outlay?
    /// Of the recipe that it was edited from; nil where that was not measured.
    var parent: Outlay?
  }

  var precedents: [Precedent]

  /// By how much the same change may turn out smaller on another parent.
  static let slack = 0.05

  /// From the same change on another parent, where it broke the cap on size: the parent of now is at least as large.
  ///
  /// Only sizes: a job that breaks a cap on time is stopped there, so how far it is over is not known.
  func bySameChange(_ change: String, parent: Outlay?) -> Prediction? {
    guard !change.isEmpty, let now = parent?.size, now > 0 else { return nil }
    let found = precedents.compactMap { precedent -> Prediction? in
      guard precedent.change == change, let size = precedent.whole.size, size > 1,
        let then = precedent.parent?.size, then > 0, now >= then
      else { return nil }
      return Prediction(
        cap: .size, expected: size * now / then, lower: size * (1 - Self.slack),
        basis: "the same change was over the cap in trial \(precedent.trial), on a parent that was no larger")
    }
    return found.max { $0.lower < $1.lower }
  }

  /// From what a probe cost.
  func byProbe(_ probe: Outlay) -> [Prediction] {
    func relations(_ part: (Outlay) -> Double?) -> [CostBound.Relation] {
      precedents.compactMap { precedent in
        guard let before = precedent.probe.flatMap(part), let after = part(precedent.whole) else {
          return nil
        }
        return CostBound.Relation(probe: before, whole: after)
      }
    }
    return Cap.allCases.compactMap { cap in
      let part: (Outlay) -> Double? =
        switch cap {
        case .size: \.size
        case .train: \.train
        case .predict: \.predict
        }
      let known = relations(part)
      guard let cost = part(probe),
        let bound = cap == .train
          ? CostBound(beyond: cost, known) : CostBound(inProportionTo: cost, known)
      else { return nil }
      return Prediction(
        cap: cap, expected: bound.expected, lower: bound.lower,
        basis: "its probe, and \(known.count) probed run(s) before it")
    }
  }

  /// Why a trial is refused; nil when no prediction refuses it. The largest excess speaks.
  static func failure(_ predictions: [Prediction]) -> TrialFailure? {
    guard let worst = predictions.filter(\.refuses).max(by: { $0.lower < $1.lower }) else { return nil }
    let what =
      switch worst.cap {
      case .size: "what training leaves"
      case .train: "the CPU time of training"
      case .predict: "the CPU time of prediction"
      }
    return TrialFailure(
      worst.cap.label,
      "predicted: \(what) would be \(percent(worst.expected)) of its cap, and at least \(percent(worst.lower)), "
        + "\(percent(worst.lower - 1)) over it (by \(worst.basis)); the trial was not run. Do less, or save less"
    )
  }

  private static func percent(_ share: Double) -> String {
    Quantity.decimal((share * 1000).rounded() / 10) + " %"
  }
}
