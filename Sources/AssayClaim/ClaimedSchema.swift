/// What a task of the reference implementation reports of a trial, and the columns that its `results.tsv` has.
public enum ClaimedSchema: String, Sendable, CaseIterable {
  case valBPB = "val_bpb"
  case coreMetric = "core_metric"
  case trainSeconds = "train_s"

  var lowerIsBetter: Bool { self != .coreMetric }

  var columns: [String] {
    let measured =
      switch self {
      case .valBPB: ["artifact_bytes", "train_s", "eval_s"]
      case .coreMetric: ["val_bpb", "train_s"]
      case .trainSeconds: ["accuracy", "acc_std", "n_seeds"]
      }
    return [
      "exp_id", "timestamp", "specialist", "parent_exp", "baseline_exp", "domain", "hypothesis",
      "expected_delta", "status", rawValue, "delta_vs_best",
    ] + measured + ["total_s", "job_name", "snapshot_path", "notes"]
  }
}
