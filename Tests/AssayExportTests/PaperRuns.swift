import Foundation

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

  static var isThere: Bool {
    if folder == nil {
      print("skipped: the paper's runs are not in ../shared/paper-runs, and ASSAY_PAPER_RUNS names no folder")
    }
    return folder != nil
  }
}
