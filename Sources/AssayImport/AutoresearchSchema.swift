/// The columns of a `results.tsv` of the autoresearch blackboard: three released schemas, and others that name their columns
/// alike.
public struct AutoresearchSchema: Sendable, Equatable {
  public let columns: [String]
  /// The column after `status`: what the run optimizes.
  public let scoreName: String
  let places: [String: Int]
  let hypothesis: Int
  let status: Int
  let score: Int
  /// Columns without a place of their own in a `RecordedTrial`.
  let extras: [(name: String, place: Int)]

  public static func == (a: AutoresearchSchema, b: AutoresearchSchema) -> Bool { a.columns == b.columns }

  static let known: Set<String> = [
    "exp_id", "timestamp", "specialist", "parent_exp", "baseline_exp", "domain", "hypothesis",
    "expected_delta", "status", "val_bpb", "delta_vs_best", "artifact_bytes", "train_s", "eval_s", "total_s",
    "job_name", "snapshot_path", "notes", "accuracy", "acc_std", "n_seeds", "core_metric",
  ]

  private static let placed: Set<String> = [
    "exp_id", "timestamp", "specialist", "parent_exp", "domain", "hypothesis", "expected_delta", "status",
    "delta_vs_best", "artifact_bytes", "train_s", "eval_s", "total_s", "notes",
  ]

  /// Columns that hold a number or nothing.
  static let numeric: Set<String> = [
    "delta_vs_best", "artifact_bytes", "train_s", "eval_s", "total_s", "accuracy", "acc_std", "n_seeds",
    "val_bpb", "core_metric",
  ]

  public init(header: [String]) throws(ImportError) {
    var places: [String: Int] = [:]
    for (place, name) in header.enumerated() {
      guard places.updateValue(place, forKey: name) == nil else {
        throw ImportError(
          .malformed, "the header names the column '\(name.prefix(64))' twice; rename one of them.")
      }
    }
    guard header.count <= 512 else {
      throw ImportError(.malformed, "the header has \(header.count) columns; at most 512 are read.")
    }
    guard places["exp_id"] != nil, let status = places["status"], let hypothesis = places["hypothesis"]
    else {
      throw ImportError(
        .malformed,
        "this is no results.tsv: its first line has to name the columns exp_id, hypothesis and status, separated by tabs."
      )
    }
    guard status + 1 < header.count else {
      throw ImportError(
        .malformed, "this results.tsv has no column after status, where the score is expected.")
    }
    columns = header
    self.places = places
    self.status = status
    self.hypothesis = hypothesis
    score = status + 1
    scoreName = header[status + 1]
    let scoreName = header[status + 1]
    extras = header.enumerated().filter { !Self.placed.contains($1) && $1 != scoreName }.map { ($1, $0) }
  }

  /// Whether lower is better, where the score's name says so.
  public var knownDirection: Bool? {
    switch scoreName {
    case "val_bpb", "val_loss", "train_s", "loss": true
    case "core_metric", "accuracy": false
    default: nil
    }
  }

  var unknownColumns: [String] { columns.filter { !Self.known.contains($0) } }

  func isNumeric(_ place: Int) -> Bool { place == score || Self.numeric.contains(columns[place]) }
}
