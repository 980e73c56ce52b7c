/// Whether probing a trial is likely to save more than it costs.
///
/// Of a specialist's last trials, k of n broke a cap: the next one does with a chance of about (k + 1) / (n + 4), Laplace's rule with one
/// failure in four tries supposed before anything is known. A probe pays when that is more than its share of the cost of a whole trial.
enum ProbeRule {
  /// How many of the last trials count.
  static let window = 20

  static func pays(broken: Int, of trials: Int, probeCPUSeconds: Double, wholeCPUSeconds: Double) -> Bool {
    guard wholeCPUSeconds > 0 else { return false }
    return Double(broken + 1) / Double(trials + 4) > probeCPUSeconds / wholeCPUSeconds
  }
}
