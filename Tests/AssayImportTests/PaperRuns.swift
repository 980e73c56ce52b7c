import AssayImport
import Foundation
import Testing

/// The released runs of the paper, where somebody put them: `$ASSAY_PAPER_RUNS`, or `shared/paper-runs` beside the checkout.
enum PaperRuns {
  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["ASSAY_PAPER_RUNS"].map { URL(filePath: $0) }
    let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/paper-runs")
    return [named, beside].compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appending(path: "expected.json").path)
    }
  }()

  static let names = [
    "pg_main", "cifar", "nanochat_d12", "pg_ablation_lineage_on", "pg_ablation_lineage_off",
  ]

  static var isThere: Bool {
    if folder == nil {
      print("skipped: the paper's runs are not in ../shared/paper-runs, and ASSAY_PAPER_RUNS names no folder")
    }
    return folder != nil
  }

  /// Imports a run into a folder that the caller removes.
  static func imported(_ name: String) async throws -> (run: ImportedRun, report: ImportReport, place: URL) {
    let folder = try #require(folder)
    let place = FileManager.default.temporaryDirectory.appending(path: "assay-paper-\(UUID().uuidString)")
    let report = try await AutoresearchImport.run(
      folder.appending(path: name), ImportOptions(folder: place, name: name))
    return (try ImportedRun(folder: place), report, place)
  }
}
