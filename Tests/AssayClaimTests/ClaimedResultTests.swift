import AssaySandbox
import Foundation
import Testing

@testable import AssayClaim

/// What is made of a script's record, and of how the script ended.
@Suite struct ClaimedResultTests {
  private func result(
    _ record: String?, _ outcome: SandboxResult.Outcome = .exited(0), _ schema: ClaimedSchema = .valBPB
  ) -> ClaimedResult {
    ClaimedResult(outcome, line: record.map { Array($0.utf8) }, schema: schema)
  }

  @Test func figuresAreWrittenAsTheReferenceWritesThem() {
    let pg = result(
      #"{"status": "VALID", "val_bpb": 1.07221, "artifact_bytes": 15900000, "train_s": 599.5, "eval_s": null, "note": [1]}"#
    )
    #expect(pg.failure == nil)
    #expect(pg.figures["val_bpb"]?.text == "1.072210")
    #expect(pg.figures["artifact_bytes"]?.text == "15900000")
    #expect(pg.figures["train_s"]?.text == "599.500000")
    #expect(pg.figures["eval_s"] == nil)
    let nc = result(#"{"status": "OK", "core_metric": 0.2244, "val_bpb": 0.77}"#, .exited(0), .coreMetric)
    #expect(nc.figures["core_metric"]?.text == "0.224400")
    let cifar = result(
      #"{"status": "OK", "accuracy": 0.9601, "train_s": 25.1, "n_seeds": 10}"#, .exited(0), .trainSeconds)
    #expect(cifar.figures["train_s"]?.text == "25.100000")
    #expect(cifar.figures["n_seeds"]?.text == "10")
  }

  @Test(arguments: [
    ("DQ_SIZE", "size_blocked"), ("DQ_TRAIN", "train_budget_overrun"), ("DQ_EVAL", "eval_budget_overrun"),
    ("TIMEOUT", "eval_budget_overrun"), ("DISQUALIFIED", "disqualified"), ("BORDERLINE", "disqualified"),
    ("PREFLIGHT_CRASH", "preflight_crash"), ("CRASH", "crash"), ("INCOMPLETE", "crash"), ("keep", "crash"),
    ("", "crash"),
  ])
  func aFailureHasItsLabelAndNoScore(status: String, label: String) {
    let failed = result(#"{"status": "\#(status)", "val_bpb": 0.5, "kill_reason": "why"}"#)
    #expect(failed.failure == label)
    #expect(failed.figures["val_bpb"] == nil)
    #expect(failed.reason.contains("why"))
  }

  static let good = #"{"status": "VALID", "val_bpb": 0.01}"#

  /// How it ended is seen from outside and comes before anything that it wrote.
  @Test(arguments: [
    (SandboxResult.Outcome.limit(.wall), "eval_budget_overrun"), (.limit(.memory), "crash"),
    (.limit(.disk), "crash"), (.signalled(9), "crash"), (.exited(1), "crash"),
  ])
  func whatWasStoppedClaimsNothing(outcome: SandboxResult.Outcome, label: String) {
    #expect(result(Self.good).failure == nil)
    let failed = result(Self.good, outcome)
    #expect(failed.failure == label)
    #expect(failed.figures["val_bpb"] == nil)
  }

  @Test(arguments: [
    nil, "", "{", "[]", "null", "{\"status\": \"VALID\"}", #"{"status": "VALID", "val_bpb": "0.1"}"#,
    #"{"status": "VALID", "val_bpb": NaN}"#, #"{"status": "VALID", "val_bpb": 1e400}"#,
    #"{"status": "VALID", "val_bpb": -1e300}"#, #"{"status": "VALID", "val_bpb": true}"#,
    #"{"status": "VALID", "val_bpb": [0.1]}"#, #"{"status": "VALID", "val_bpb": 0.1, "smoke": true}"#,
    #"{"status": {"x": "VALID"}, "val_bpb": 0.1}"#, "\u{0}\u{1b}",
    String(repeating: "[", count: 60_000),
  ])
  func whatCannotBeReadIsACrash(record: String?) {
    let failed = result(record)
    #expect(failed.failure == "crash")
    #expect(failed.figures["val_bpb"] == nil)
  }
}
