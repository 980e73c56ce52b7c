import AssayAudit
import AssayTrajectory
import Testing

/// Figures on runs small enough to count by hand.
@Suite struct FigureTests {
  private func trial(
    _ position: Int, _ label: String, _ score: Double? = nil, delta: Double? = nil, parent: Int? = 0,
    specialist: String = "opt", seconds: Double? = 100, total: Double? = nil, cites: String = "",
    expected: Double? = nil, extra: [String: String] = [:]
  ) -> TrialFacts {
    var row = RecordedTrial(position: position, id: String(position))
    row.label = label
    row.outcome = TrialOutcome(label: label) ?? .unreadable
    row.score = Reading(raw: "", value: score)
    row.delta = Reading(raw: "", value: delta)
    row.expectedDelta = Reading(raw: "", value: expected)
    row.trainSeconds = Reading(raw: "", value: seconds)
    row.totalSeconds = Reading(raw: "", value: total)
    row.parent = ParentClaim(raw: "", position: label == "baseline" ? nil : parent)
    row.specialist = label == "baseline" ? "baseline" : specialist
    row.domain = row.specialist
    row.notes = cites
    row.hypothesis = "idea \(position)"
    row.extra = extra
    return TrialFacts(row)
  }

  private func trajectory(_ trials: [TrialFacts], lower: Bool = true, score: String = "loss") -> Trajectory {
    Trajectory(
      run: RecordedRun(
        name: "sample", provenance: .recipeClaimed, format: "test", scoreName: score, lowerIsBetter: lower),
      trials: trials)
  }

  @Test func infrastructureIsNoTrialOfARecipe() {
    let counts = CountFigures(
      trajectory([
        trial(0, "baseline", 2), trial(1, "keep", 1.9), trial(2, "harness_abort"), trial(3, "crash"),
        trial(4, "in_flight"), trial(5, "discard", 2.1),
      ]))
    #expect(counts.rows == 6 && counts.trials == 4 && counts.realTrials == 3 && counts.infrastructure == 1)
    #expect(counts.keepRate == 0.25 && counts.realKeepRate == 1.0 / 3 && counts.validRate == 2.0 / 3)
    #expect(counts.byLabel == ["keep": 1, "harness_abort": 1, "crash": 1, "discard": 1])
  }

  @Test func theBestAgainstTrialsAndCost() {
    let progress = ProgressFigures(
      trajectory([
        trial(0, "baseline", 2, total: 5), trial(1, "discard", 1.5, total: 10),
        trial(2, "keep", 1.8, total: 20),
        trial(3, "crash", total: 7), trial(4, "keep", 1.6, total: 1),
      ]))
    #expect(progress.steps.map(\.id) == ["0", "2", "4"])
    #expect(progress.steps.map(\.trials) == [0, 2, 4])
    #expect(progress.steps.map(\.nodeSeconds) == [5, 35, 43])
    #expect(progress.best(after: 3) == 1.8 && progress.best(after: 0) == 2)
    #expect(abs((progress.improvementPercent ?? 0) - 20) < 1e-9)
    #expect(progress.trialsSinceBest == 0)
  }

  @Test func repairsCountTheNextTrialTheCitationsAndTheChildren() {
    let repairs = RepairFigures(
      trajectory([
        trial(0, "baseline", 2), trial(1, "crash"), trial(2, "crash", specialist: "arch"),
        trial(3, "discard", 2.1, parent: 1, cites: "exp_002 ran out of memory"),
        trial(4, "crash", specialist: "arch"),
        trial(5, "harness_abort", specialist: "arch"),
        trial(6, "keep", 1.9, specialist: "arch", cites: "fixes #4"),
      ]))
    #expect(repairs.total.failures == 3)
    #expect(repairs.total.nextValid == 2 && repairs.total.repeated == 1)
    #expect(repairs.total.citedValid == 2 && repairs.total.citedKept == 1)
    #expect(repairs.total.descendantValid == 1)
    #expect(repairs.repairRate == 2.0 / 3)
    #expect(repairs.byLabel.keys.sorted() == ["crash"])
  }

  @Test func predictionsAreComparedByDirectionAndSize() {
    let figures = CalibrationFigures(
      trajectory([
        trial(0, "baseline", 2), trial(1, "keep", 1.9, delta: -0.1, expected: -0.2),
        trial(2, "discard", 2.1, delta: 0.1, expected: -0.1),
        trial(3, "discard", 2.0, delta: 0.05, expected: 0.05),
        trial(4, "crash", expected: -0.5),
      ]))
    #expect(figures.predictions == 3 && figures.predictedImprovement == 2 && figures.improved == 1)
    #expect(figures.directionRight == 2.0 / 3)
    #expect(abs((figures.meanAbsoluteError ?? 0) - 0.1) < 1e-9)
    #expect(abs((figures.optimism ?? 0) - 0.1) < 1e-9)
  }

  @Test func winsThatAreNotInTheBestAreOrphans() {
    let figures = AncestryFigures(
      trajectory([
        trial(0, "baseline", 2), trial(1, "keep", 1.9), trial(2, "keep", 1.8),
        trial(3, "keep", 1.7, parent: 2),
      ]))
    #expect(figures.bestLineage == ["3", "2", "0"])
    #expect(figures.orphanedWins == ["1"] && figures.notFromBest == ["2"])
  }

  @Test func aCycleOfParentsEnds() {
    let run = trajectory([
      trial(0, "baseline", 2), trial(1, "keep", 1.9, parent: 2), trial(2, "keep", 1.8, parent: 1),
    ])
    #expect(run.ancestry(of: 1) == [1, 2])
    #expect(RunAudit(run).ancestry.orphanedWins == [])
  }

  @Test func aChainOfAHundredThousand() {
    var trials = [trial(0, "baseline", 1_000_000)]
    for number in 1...100_000 {
      trials.append(trial(number, "keep", Double(1_000_000 - number), delta: -1, parent: number - 1))
    }
    let audit = RunAudit(trajectory(trials))
    #expect(audit.ancestry.bestLineage.count == 100_001 && audit.ancestry.orphanedWins.isEmpty)
  }

  @Test func theNoiseOfAPlateau() throws {
    // Scores alternate around 0.5 by 0.01 while the second metric stays: deviation 0.01 (n/(n-1) aside).
    var trials = [trial(0, "baseline", 0.4)]
    for number in 1...40 {
      let kept = number == 40
      trials.append(
        trial(
          number, kept ? "keep" : "discard", number % 2 == 0 ? 0.51 : 0.49, delta: kept ? 0.001 : -0.01,
          extra: ["val_bpb": "0.7\(number % 3)"]))
    }
    // A second metric far away is no part of it.
    trials.append(trial(41, "discard", 0.1, extra: ["val_bpb": "0.9"]))
    for index in 1...40 { trials[index].secondary = 0.7835 + Double(index % 3) * 0.0001 }
    let run = trajectory(trials, lower: false, score: "core_metric")
    let noise = try #require(NoiseEstimate.derived(from: run))
    #expect(noise.source == "plateau" && noise.count == 40)
    #expect(abs((noise.deviation ?? 0) - 0.01 * (40.0 / 39).squareRoot()) < 1e-6)
    #expect(abs((noise.mean ?? 0) - 0.5) < 1e-9)
    // Expected maximum of 40 normal draws is 2.16 deviations above the mean (Harter 1961).
    #expect(abs((noise.expectedBest ?? 0) - (0.5 + 2.16 * (noise.deviation ?? 0))) < 1e-3)
    let figures = NoiseFigures(run, estimate: noise)
    #expect(figures.keptWithin == ["40"] && figures.keptBeyond.isEmpty)
    #expect(abs((figures.improvementPercent ?? 0) - 25) < 1e-6)
  }

  @Test func onlyGainsBeyondTheNoiseArePromoted() {
    let run = trajectory([
      trial(0, "baseline", 2), trial(1, "keep", 1.96, delta: -0.04), trial(2, "keep", 1.93, delta: -0.03),
      trial(3, "keep", 1.85, delta: -0.08),
    ])
    let noise = NoiseFigures(
      run, estimate: NoiseEstimate(band: 0.05, source: "given", basis: "", count: 0, ids: []))
    #expect(noise.keptWithin == ["1", "2"] && noise.keptBeyond == ["3"])
    #expect(noise.promotions == ["2", "3"] && noise.score == 1.85)
  }

  @Test func gateMarginsInStandardErrors() throws {
    let gate = try #require(
      GateFigures(
        trajectory(
          [
            trial(0, "baseline", 26),
            trial(
              1, "keep", 25, total: 25, extra: ["accuracy": "0.9603", "acc_std": "0.001", "n_seeds": "100"]),
            trial(
              2, "disqualified", total: 24,
              extra: ["accuracy": "0.9590", "acc_std": "0.001", "n_seeds": "100"]),
            trial(
              3, "discard", 25.5, total: 25.5,
              extra: ["accuracy": "0.9601", "acc_std": "0.001", "n_seeds": "100"]),
          ], score: "train_s"), limit: 0.96))
    #expect(gate.passed.map { ($0.z * 100).rounded() } == [300, 100])
    #expect(gate.passedWithinError == 1 && gate.missedButFaster == 1 && !gate.baselineMeasured)
  }

  @Test func equalComputeIsWhatTheRunBeganWith() throws {
    let compute = try #require(
      ComputeFigures(
        trajectory(
          [
            trial(0, "baseline", 0.1, seconds: nil), trial(1, "discard", 0.09, seconds: 740),
            trial(2, "discard", 0.08, seconds: 760), trial(3, "keep", 0.12, seconds: 540),
            trial(4, "keep", 0.2, seconds: 4800),
          ], lower: false)))
    #expect(compute.reference == 750 && compute.equalID == "3")
    #expect(abs((compute.equalImprovementPercent ?? 0) - 20) < 1e-9 && abs(compute.ratio - 6.4) < 1e-9)
  }

  @Test func repeatsAreFoundByCodeMeasurementAndWords() {
    var again = trial(3, "discard", 1.25, seconds: 99.123456)
    again.hypothesisHash = 42
    var first = trial(1, "discard", 1.25, seconds: 99.123456)
    first.hypothesisHash = 42
    let groups = Duplicates(
      trajectory([
        trial(0, "baseline", 2), first, trial(2, "discard", 1.5, extra: ["snapshot": "abc"]), again,
        trial(4, "keep", 1.4, extra: ["snapshot": "abc"]),
      ])
    ).groups
    #expect(groups.map(\.by) == ["code", "measurement", "hypothesis"])
    #expect(groups.map(\.ids) == [["2", "4"], ["1", "3"], ["1", "3"]])
  }
}
