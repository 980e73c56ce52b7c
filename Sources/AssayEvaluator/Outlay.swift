import AssayTask
import Foundation

/// What one seed of a trial cost, in shares of the task's caps; from what runners measured, never from a recipe's words.
struct Outlay: Codable, Hashable, Sendable {
  /// The largest output of training; nil where training left none that could be measured.
  var size: Double?
  /// CPU time of training. Of what was stopped at the cap, the cap: it costs at least that.
  var train: Double?
  /// CPU time of the slowest prediction.
  var predict: Double?
  /// CPU seconds of all of it.
  var cpuSeconds = 0.0

  /// - Parameter isProbe: then training that was stopped at its cap, which is the probe's own, tells nothing.
  init(train report: JobReport?, predictions: [JobReport], task: TaskFile, isProbe: Bool) {
    cpuSeconds = ([report].compactMap(\.self) + predictions).reduce(0) {
      $0 + Double($1.cpuNanoseconds) / 1e9
    }
    func share(_ report: JobReport, of phase: TaskFile.Phase, whenStopped counts: Bool) -> Double? {
      guard Self.isWhole(report) || (report.ending == .cpu && counts), phase.limits.cpuSeconds > 0 else {
        return nil
      }
      return Double(report.cpuNanoseconds) / 1e9 / phase.limits.cpuSeconds
    }
    predict = predictions.compactMap { share($0, of: task.predict, whenStopped: true) }.max()
    guard let report else { return }
    train = share(report, of: task.train, whenStopped: !isProbe)
    guard Self.isWhole(report) else { return }
    size = report.outputs.filter { $0.maximum > 0 && ($0.state == .present || $0.state == .tooLarge) }
      .map { Double($0.size) / Double($0.maximum) }.max()
  }

  private static func isWhole(_ report: JobReport) -> Bool {
    report.ending == .exited && report.exitCode == 0 && report.signal == 0
  }
}
