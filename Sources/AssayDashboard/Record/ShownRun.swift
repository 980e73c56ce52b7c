import Foundation

/// A run as the page, its file and MLflow's clients ask for it: kept in memory, with a version for every change.
protocol ShownRun: Actor {
  var view: RunView { get }
  /// By number.
  var all: [TrialPoint] { get }
  func point(_ trial: UInt32) -> TrialPoint?
  func changes(after seen: UInt64) -> RunChange
  /// Says when there may be changes: at once, and after each.
  func updates() -> (number: Int, AsyncStream<Void>)
  func forget(_ reader: Int)
  /// Returns when the record has been read once.
  func loaded() async
  /// Returns when also what takes longer has been read once: what model requests cost.
  func settled() async
  /// Keeps the run current until cancelled.
  nonisolated func run() async
  /// Everything of one trial.
  nonisolated func page(of trial: UInt32) async throws -> TrialPage
  /// A trial's words, all of them.
  nonisolated func words(of trial: UInt32) async throws -> (hypothesis: String, reason: String)
  /// That a verdict is in the signed record, as a file; nil while nothing proves it.
  nonisolated func proof(of trial: UInt32) async throws -> String?
  /// A trial's files by path: verdict, proof, difference, log, recipe.
  nonisolated func files(of trial: UInt32) async throws -> [String: [UInt8]]
  nonisolated func close()
}

/// What changed after a version.
struct RunChange: Sendable {
  var version: UInt64
  /// Nil when the run's own facts are as they were.
  var view: RunView?
  var points: [TrialPoint]
  var isEmpty: Bool { view == nil && points.isEmpty }
}
