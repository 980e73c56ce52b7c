extension ExperimentReport {
  /// The report as Markdown, with intervals beside every mean.
  public var markdown: String {
    var lines = ["# \(name)", ""]
    lines.append(
      "Task `\(task)`, \(trials) trials a run, \(seeds.count) seed\(seeds.count == 1 ? "" : "s") an arm"
        + "\(missing > 0 ? "; **\(missing) runs are still to be made**" : ""). "
        + "Scores are in \(unit.isEmpty ? "the metric's unit" : unit), \(minimize ? "lower" : "higher") is better. "
        + "Each figure is a mean over seeds with its 95 % interval (Student's t).")
    lines += ["", "## Best confirmed score", ""]
    let points = checkpoints.map { "after \($0)" }
    lines.append(row(["arm", "runs", "baseline"] + points + ["sealed gain", "sealed wins"]))
    lines.append(row(Array(repeating: "---", count: points.count + 5)))
    for arm in arms {
      lines.append(
        row(
          [arm.arm, "\(arm.runs)", text(arm.baseline)] + checkpoints.map { text(arm.best[$0]) }
            + [text(arm.sealed), "\(arm.sealedWins) of \(arm.runs)"]))
    }
    lines += [
      "",
      "*Sealed gain*: the final report's improvement of the best recipe over the baseline, on fresh seeds and a split that the search never saw. *Sealed wins*: runs in which it was beyond noise.",
      "", "## Differences to \(arms.first?.arm ?? "")", "",
    ]
    lines.append(row(["arm"] + points + ["sealed gain", "valid trials", "kept trials"]))
    lines.append(row(Array(repeating: "---", count: points.count + 4)))
    for difference in differences {
      lines.append(
        row(
          [difference.arm] + checkpoints.map { text(difference.best[$0]) }
            + [text(difference.sealed), percent(difference.valid), percent(difference.kept)]))
    }
    lines += ["", "Seed by seed; positive is in favour of the arm in the row.", ""]
    lines += differences.map { "* \(sentence($0))" }
    if differences.count > 1 {
      lines += [
        "",
        "With \(differences.count) comparisons at 95 % each, one in \(20 / differences.count) such reports shows a difference that is luck.",
      ]
    }
    lines += ["", "## What the trials came to", ""]
    lines.append(
      row([
        "arm", "trials", "duplicates refused", "valid", "kept", "failure, then valid",
        "failure cited and fixed", "CPU s a run",
        "wall s a run",
      ]))
    lines.append(row(Array(repeating: "---", count: 9)))
    for arm in arms {
      lines.append(
        row([
          arm.arm, "\(arm.trials)", arm.duplicates.map { "\($0)" } ?? "-", percent(arm.valid),
          percent(arm.kept), share(arm.validAfterFailure),
          share(arm.citedAndFixed), arm.cpuSeconds?.text(0) ?? "-", arm.wallSeconds?.text(0) ?? "-",
        ]))
    }
    lines += [
      "", "*Duplicates refused*: submissions whose recipe had been tried before; they are no trials.",
    ]
    let labels = Set(arms.flatMap(\.labels.keys)).sorted()
    lines += ["", row(["arm"] + labels), row(Array(repeating: "---", count: labels.count + 1))]
    for arm in arms { lines.append(row([arm.arm] + labels.map { "\(arm.labels[$0] ?? 0)" })) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a difference says, and no more.
  func sentence(_ difference: Difference) -> String {
    func words(_ what: String, _ estimate: Estimate?, _ text: (Estimate) -> String) -> String {
      guard let estimate else { return "\(what): not known yet" }
      guard estimate.halfWidth != nil else {
        return "\(what): \(text(estimate)), from a single seed, so nothing is shown"
      }
      switch estimate.sign {
      case 1: return "\(what): better by \(text(estimate))"
      case -1: return "\(what): worse, \(text(estimate))"
      default: return "\(what): no difference is shown (\(text(estimate)))"
      }
    }
    let last = checkpoints.last ?? trials
    return "**\(difference.arm)** against \(difference.against): "
      + [
        words("best score after \(last)", difference.best[last]) { text($0) },
        words("sealed gain", difference.sealed) { text($0) },
        words("share of valid trials", difference.valid) { percent($0) },
      ].joined(separator: "; ") + "."
  }

  private func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private func text(_ estimate: Estimate?) -> String {
    guard let estimate else { return "-" }
    let size = max(abs(estimate.mean), estimate.halfWidth ?? 0)
    return estimate.text(size >= 100 ? 1 : size >= 1 ? 3 : 4)
  }

  private func percent(_ estimate: Estimate?) -> String {
    guard var estimate else { return "-" }
    estimate.mean *= 100
    estimate.halfWidth = estimate.halfWidth.map { $0 * 100 }
    return estimate.text(1) + " %"
  }

  private func share(_ share: TrialMeasures.Share) -> String {
    share.value.map { "\(share.hits) of \(share.of) (\(Estimate.decimal($0 * 100, 0)) %)" } ?? "-"
  }
}
