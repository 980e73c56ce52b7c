import Foundation
import UnixSignals

/// One `assay experiment`: makes each run of each arm with fresh state and fresh keys, as many at once as the file says, and
/// reports. Started again, it goes on with what is missing.
public struct ExperimentSession: Sendable {
  private let file: ExperimentFile
  private let folder: URL
  private let prepared: URL
  private let proposer: String
  private let printer: RunPrinter

  public init(file: ExperimentFile, folder: URL, prepared: URL, proposer: String, printer: RunPrinter) {
    self.file = file
    self.folder = folder
    self.prepared = prepared
    self.proposer = proposer
    self.printer = printer
  }

  /// The report so far, without making any run.
  public func report() throws -> ExperimentReport { ExperimentReport(file, cells: try finished()) }

  /// Runs until all runs are made or a signal asks to stop; nil when one did.
  public func run() async throws -> ExperimentReport? {
    try claim()
    let lock = try StateLock(path: folder.appending(path: "lock").path, folder: folder.path, isReader: false)
    defer { withExtendedLifetime(lock) {} }
    let own = try OwnTask.load(named: file.task)
    _ = try await TaskLoading.prepare(own.task, into: prepared, say: printer.say)
    let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
      let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
      group.addTask {
        for await _ in signals {
          printer.say("stopping: runs are draining; the same command goes on")
          return false
        }
        return false
      }
      group.addTask {
        try await makeRuns()
        return true
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
    guard isDone else { return nil }
    let report = try report()
    try write(report.markdown, "report.md")
    try write(try JSONLine.encode(report) + "\n", "report.json")
    return report
  }

  private func makeRuns() async throws {
    let known = Set(try finished().map(\.place))
    let missing = file.order.filter { !known.contains($0) }
    let cores = Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    let width = max(1, min(file.parallel, file.order.count))
    printer.say(
      "\(file.name): \(file.arms.count) arms, \(file.seeds.count) seeds, \(file.trials) trials a run; \(known.count) of \(file.order.count) runs are there · \(folder.path)"
    )
    try await withThrowingTaskGroup(of: Int.self) { group in
      var next = missing.makeIterator()
      var done = known.count
      func start(_ lane: Int) {
        guard let place = next.next() else { return }
        // Each lane has cores of its own as far as there are enough.
        let share = max(1, cores.count / width)
        let own = (0..<share).map { cores[(lane * share + $0) % cores.count] }
        group.addTask {
          try await make(place, cores: own)
          return lane
        }
      }
      for lane in 0..<width { start(lane) }
      while let lane = try await group.next() {
        done += 1
        printer.progress("\(done) of \(file.order.count) runs")
        start(lane)
      }
    }
  }

  private func make(_ place: ExperimentCell.Place, cores: [Int]) async throws {
    guard let entry = file.arms.first(where: { $0.name == place.arm }) else { return }
    let started = ContinuousClock.now
    let state = folder.appending(path: "runs/\(place.name)")
    try FileManager.default.createDirectory(
      at: state.deletingLastPathComponent(), withIntermediateDirectories: true)
    let options = RunOptions(
      task: file.task, trials: file.trials, budget: try file.runBudget(), proposer: proposer,
      specialists: nil, lineageEnabled: entry.lineage, seed: place.seed, slots: cores.count, state: state,
      prepared: prepared, arm: entry.choice, cores: cores)
    guard try await RunSession(options: options, printer: .silent).work() == .finished else {
      throw CancellationError()
    }
    let own = try OwnTask.load(named: file.task)
    let directory = try StateDirectory.existing(at: state)
    let (status, rows, costs) = try await RunReader.with(directory) { reader in
      (
        try await reader.status(),
        try await reader.trials(TrialListing(view: .all, specialist: nil, label: nil, limit: .max)),
        try await reader.costs(directory)
      )
    }
    let spent = started.duration(to: .now).components
    let cell = ExperimentCell(
      place: place, run: status.run, baseline: status.baselineScore.flatMap(Double.init) ?? .nan,
      minimize: own.task.metric.direction == .minimize, unit: status.unit,
      rows: rows.filter { $0.trial != 0 }, final: status.final,
      duplicates: costs.total.duplicates,
      seconds: Double(spent.seconds) + Double(spent.attoseconds) / 1e18)
    try write(try JSONLine.encode(cell) + "\n", "cells/\(place.name).json")
    printer.say(
      "\(place.arm), seed \(place.seed): best \(status.bestScore ?? "-") (baseline \(status.baselineScore ?? "-"))"
        + "\(status.final.map { ", sealed gain \($0.improvement)" } ?? ""), \(DurationText.format(.seconds(cell.seconds)))"
    )
    try printer.fact(cell)
  }

  // MARK: The folder

  /// Takes an empty folder for this experiment, or one that is of it already.
  private func claim() throws {
    let files = FileManager.default
    let known = folder.appending(path: "experiment.json")
    let text = try JSONLine.encode(file) + "\n"
    if files.fileExists(atPath: known.path) {
      guard (try? String(contentsOf: known, encoding: .utf8)) == text else {
        throw SupervisorError(
          .stateConflict,
          "\(folder.path) holds an experiment with other arms, seeds or bounds. Restore its file, or name another folder with --state."
        )
      }
      return
    }
    let entries = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
    guard entries.allSatisfy({ $0 == "lock" }) else {
      throw SupervisorError(
        .stateConflict, "\(folder.path) is not empty and holds no experiment. Name a new folder with --state."
      )
    }
    try write(text, "experiment.json")
  }

  private func write(_ text: String, _ name: String) throws {
    let place = folder.appending(path: name)
    do {
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place, options: .atomic)
    } catch {
      throw SupervisorError(.unavailable, "cannot write \(place.path): \(error.localizedDescription)")
    }
  }

  private func finished() throws -> [ExperimentCell] {
    try file.order.compactMap { place in
      let path = folder.appending(path: "cells/\(place.name).json")
      guard let data = try? Data(contentsOf: path) else { return nil }
      do {
        return try JSONDecoder().decode(ExperimentCell.self, from: data)
      } catch {
        throw SupervisorError(
          .stateConflict, "\(path.path) cannot be read (\(error)); remove it and its run, and start again.")
      }
    }
  }
}
