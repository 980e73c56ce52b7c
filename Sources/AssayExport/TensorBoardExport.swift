public import AssayTrajectory
public import Foundation

/// Writes a run's curves as an event file of TensorBoard: step is the trial's number, wall time is when it was recorded.
public enum TensorBoardExport {
  public static func write(_ record: any RunRecord, to folder: URL) async throws {
    try ExportPlace.folder(folder)
    let run = try await record.run()
    let file = try FileWriter(folder.appending(path: "events.out.tfevents.0.assay"))
    var isFirst = true
    var time = 0.0
    var best: Double?
    var kept = 0.0
    var seconds = 0.0
    var counts: [String: Double] = [:]
    try await record.forEachTrial { trial in
      guard trial.outcome != .inFlight else { return }
      time = (try? Date(trial.recordedAt, strategy: .iso8601))?.timeIntervalSince1970 ?? time
      if isFirst {
        try file.write(TensorBoardEvents.version(wallTime: time))
        isFirst = false
      }
      seconds += trial.totalSeconds.value ?? 0
      if trial.outcome == .kept { kept += 1 }
      if trial.outcome != .baseline { counts[trial.label, default: 0] += 1 }
      var scalars: [TensorBoardEvents.Scalar] = []
      if let score = trial.score.value, trial.outcome.isValid || trial.outcome == .baseline {
        scalars.append(.init(tag: "score/\(run.scoreName)", value: score))
        if trial.outcome != .discarded, best.map({ run.isBetter(score, than: $0) }) ?? true { best = score }
      }
      if let best { scalars.append(.init(tag: "score/best_so_far", value: best)) }
      scalars.append(.init(tag: "cost/node_seconds", value: seconds))
      scalars.append(.init(tag: "trials/kept", value: kept))
      if let count = counts[trial.label] { scalars.append(.init(tag: "labels/\(trial.label)", value: count)) }
      try file.write(TensorBoardEvents.scalars(scalars, step: trial.position, wallTime: time))
    }
    if isFirst { try file.write(TensorBoardEvents.version(wallTime: 0)) }
    try file.close()
  }
}
