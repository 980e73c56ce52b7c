import AssayServices
public import AssaySupervisor
public import Foundation
public import Logging

/// Runs as one HTML file that opens from disk, with the record inside.
public struct RunReport: Sendable {
  /// Trials whose pages are in the file together weigh no more than this; the rest is named, and the command that shows them.
  static let detailBudget = 24 << 20

  private struct Contents: Encodable {
    var runs: [RunView]
    var columns: [TrialColumns]
    var generatedMs: Int64
    /// Per run, how many trials have no page in the file.
    var leftOut: [Int]
  }

  /// The document.
  ///
  /// - Parameters:
  ///   - runs: the first is the one that is shown first.
  ///   - progress: told how many of how many trials are read.
  /// - Throws: `SupervisorError`, `RPCError`, or `DashboardError` when the page's files are missing.
  public static func html(
    of runs: [RunLocation], logger: Logger,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> Data {
    var views: [RunView] = []
    var columns: [TrialColumns] = []
    var pages: [(id: String, json: Data)] = []
    var leftOut: [Int] = []
    for (index, run) in runs.enumerated() {
      let mirror = try run.shown(logger: logger, ledger: .anyRun)
      defer { mirror.close() }
      let read = try await withThrowingTaskGroup(of: [(id: String, json: Data)]?.self) { group in
        group.addTask {
          await mirror.run()
          return nil
        }
        group.addTask {
          await mirror.settled()
          return try await Self.pages(of: mirror, run: index, progress: progress)
        }
        defer { group.cancelAll() }
        while let next = try await group.next() {
          if let next { return next }
        }
        return []
      }
      let all = await mirror.all
      views.append(await mirror.view)
      columns.append(TrialColumns(all))
      pages += read
      leftOut.append(all.count - read.count)
    }
    let data = Contents(
      runs: views, columns: columns, generatedMs: Int64(Date().timeIntervalSince1970 * 1000), leftOut: leftOut
    )
    let title = views.map { "\($0.task) \($0.run)" }.first ?? "runs"
    let document = try PageDocument(
      title: "Assay: \(title)", data: [("record", try PageJSON.encode(data))] + pages)
    return Data(document.html.utf8)
  }

  /// The pages of trials: first those that matter most, as far as the budget goes.
  private static func pages(
    of mirror: any ShownRun, run: Int, progress: @Sendable (Int, Int) -> Void
  ) async throws -> [(id: String, json: Data)] {
    let all = await mirror.all
    func rank(_ point: TrialPoint) -> Int {
      switch point.label {
      case "baseline", "keep", "revoked": 0
      case "illegal", "harness_abort": 1
      default: 2
      }
    }
    let ordered = all.sorted { (rank($0), $1.trial) < (rank($1), $0.trial) }
    var left = detailBudget
    var pages: [(id: String, json: Data)] = []
    for (number, point) in ordered.enumerated() where left > 0 {
      let json = try PageJSON.encode(try await mirror.page(of: point.trial))
      left -= json.count
      if left > 0 { pages.append(("trial-\(run)-\(point.trial)", json)) }
      progress(number + 1, ordered.count)
    }
    return pages
  }
}
