import AssayMessages
import Foundation
import Testing

@testable import AssaySupervisor

@Suite struct ExperimentTests {
  private static let text = """
    assay-experiment: 1
    task: tiny-regression
    trials: 4
    seeds: [1, 2, 3]
    checkpoints: [2]
    max_time: 10m
    arms:
      - {name: on}
      - {name: off, lineage: false}
      - {name: many, crew: "generics:3", knowledge: false, analysts: [meta]}
    """

  private func row(
    _ trial: UInt32, _ label: String, _ score: Double? = nil, by specialist: String = "a", parent: UInt32 = 0,
    says hypothesis: String = ""
  ) throws -> TrialRow {
    let object: [String: Any] = [
      "trial": Int(trial), "specialist": specialist, "parent": Int(parent), "label": label,
      "score": score.map { "\($0)" } ?? NSNull(), "reason": "", "seconds": 2.0, "cpu_seconds": 1.5,
      "memory_bytes": 1, "artifact_bytes": 1, "hypothesis": hypothesis, "incumbent": false,
      "state": "measured", "provenance": "signed",
    ]
    return try JSONDecoder().decode(TrialRow.self, from: JSONSerialization.data(withJSONObject: object))
  }

  @Test func aFileIsReadAndItsRunsAreInterleaved() throws {
    let file = try ExperimentFile.parse(Self.text, named: "study.yaml")
    #expect(file.name == "study")
    #expect(file.arms.map(\.lineage) == [true, false, true])
    #expect(file.arms[2].choice.crew == .generics(3))
    #expect(file.checkpoints == [2, 4])
    #expect(try file.runBudget().maxTime == .seconds(600))
    #expect(
      file.order.map(\.name) == [
        "on-1", "off-1", "many-1", "off-2", "many-2", "on-2", "many-3", "on-3", "off-3",
      ])
  }

  @Test(arguments: [
    ("task: x", "assay-experiment: 1"), ("assay-experiment: 1\ntask: x", "'seeds'"),
    ("assay-experiment: 1\ntask: x\nseeds: [1, 1]\narms: [{name: a}]", "'seeds'"),
    ("assay-experiment: 1\ntask: x\nseeds: [1]\narms: [{name: a, linage: false}]", "'linage' is no key"),
    ("assay-experiment: 1\ntask: x\nseeds: [1]\narms: [{name: a}, {name: a}]", "names of their own"),
    ("assay-experiment: 1\ntask: x\nseeds: [1]\narms: [{name: a, crew: mob}]", "not 'mob'"),
    ("assay-experiment: 1\ntask: x\nseeds: [1]\narms: [{name: a}]\ncheckpoints: [99]", "'checkpoints'"),
    ("assay-experiment: 1\ntask: x\nseeds: [1]\narms: [{name: a}]\nbudget: lots", "'budget'"),
    ("assay-experiment: 1\ntask: x\nseeds: [-1]\narms: [{name: a}]", "'seeds'"), ("[1", "not YAML"),
    ("", "no mapping"),
  ])
  func whatIsWrongIsSaid(_ text: String, _ words: String) {
    let error = #expect(throws: SupervisorError.self) { try ExperimentFile.parse(text, named: "e.yaml") }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.exitCode == 2)
  }

  @Test func trialsAreMeasured() throws {
    let rows = [
      try row(1, "discard", 0.9), try row(2, "crash", by: "b"), try row(3, "keep", 0.8),
      try row(4, "harness_abort", by: "b"),
      try row(5, "size_blocked", by: "b", says: "Repairs trial 2: smaller"),
      try row(6, "keep", 0.5, by: "b", says: "Repairs trials 2 and 5: smaller still"), try row(7, "illegal"),
    ]
    let measures = TrialMeasures(rows: rows.reversed(), baseline: 1, minimize: true)
    #expect(measures.count == 6, "our own failures are nobody's trials")
    #expect(measures.best(after: 1) == 1)
    #expect(measures.best(after: 3) == 0.8)
    #expect(measures.best(after: 40) == 0.5)
    #expect(TrialMeasures(rows: rows, baseline: 1, minimize: false).best(after: 40) == 1)
    #expect(measures.kept == .init(hits: 2, of: 6))
    #expect(measures.valid == .init(hits: 3, of: 6))
    #expect(measures.validAfterFailure == .init(hits: 1, of: 2), "the last failure has no next trial")
    #expect(measures.citedAndFixed == .init(hits: 2, of: 3))
    #expect(measures.cpuSeconds == 9)
  }

  /// Intervals against published values: t(0.975, 4) = 2.776, t(0.975, 1) = 12.706.
  @Test func intervalsAreStudents() throws {
    let five = try #require(Estimate([1, 2, 3, 4, 5]))
    #expect(five.mean == 3)
    #expect(abs((five.halfWidth ?? 0) - 2.776445 * (2.5 / 5).squareRoot()) < 1e-4)
    #expect(five.sign == 1)
    let two = try #require(Estimate([-1, 1]))
    #expect(abs((two.halfWidth ?? 0) - 12.7062) < 1e-3)
    #expect(two.sign == 0)
    #expect(try #require(Estimate([-5])).halfWidth == nil)
    #expect(Estimate([]) == nil)
    #expect(Estimate.decimal(-0.00004, 3) == "0.000")
    #expect(Estimate.decimal(-1.0456, 3) == "-1.046")
  }

  private func cell(_ arm: String, _ seed: UInt64, _ best: Double) throws -> ExperimentCell {
    ExperimentCell(
      place: .init(arm: arm, seed: seed), run: "r", baseline: 1, minimize: true, unit: "loss",
      rows: [try row(1, "crash"), try row(2, "keep", best), try row(3, "discard", 2)],
      final: .init(
        bestMean: "\(best)", baselineMean: "1", improvement: "\(1 - best)", halfWidth: "0.1",
        betterBeyondNoise: true, split: "sealed", best: 2, stands: true), duplicates: UInt32(seed),
      seconds: 10)
  }

  @Test func aReportSaysWhatIsShownAndNoMore() throws {
    let file = try ExperimentFile.parse(Self.text, named: "study.yaml")
    var cells: [ExperimentCell] = []
    for (seed, noise) in zip(file.seeds, [0.0, 0.01, -0.01]) {
      cells.append(try cell("on", seed, 0.5 + noise))
      cells.append(try cell("off", seed, 0.8 - noise))
      cells.append(try cell("many", seed, 0.5 + 20 * noise))
    }
    let report = ExperimentReport(file, cells: cells)
    #expect(report.missing == 0)
    #expect(report.differences.map { $0.best[4]?.sign } == [-1, 0])
    let text = report.markdown
    #expect(text.contains("**off** against on: best score after 4: worse, -0.3000"))
    #expect(text.contains("**many** against on: best score after 4: no difference is shown"))
    #expect(text.contains("| on | 3 | 1.000 ± 0.000 |"))
    #expect(report.arms.map(\.duplicates) == [6, 6, 6] && text.contains("| on | 9 | 6 |"), "\(text)")
    let less = ExperimentReport(file, cells: Array(cells.prefix(2)))
    #expect(less.markdown.contains("**7 runs are still to be made**"))
    #expect(less.markdown.contains("from a single seed, so nothing is shown"))
    _ = ExperimentReport(file, cells: []).markdown
    let again = try JSONDecoder().decode(
      ExperimentReport.self, from: Data(try JSONLine.encode(report).utf8))
    #expect(again == report)
  }

  @Test func armsDivideTheWork() {
    let arm = Arm(name: "x", crew: .generics(2), partitions: ["p", "q"], analysts: ["meta"])
    #expect(arm.agents == ["gen-a", "gen-b", "meta"])
    #expect(arm.members.allSatisfy { $0.partitions == ["p", "q"] })
    #expect(Arm.Crew("generics:0") == nil && Arm.Crew("generics:27") == nil && Arm.Crew("generic") == nil)
  }
}

@Suite struct RunBudgetTests {
  @Test func amountsAreRead() throws {
    let budget = try #require(BudgetText("trials=10,cpu=2h,gpu=90s,tokens=1.5M,dollars=0.25"))
    #expect(budget.trials == 10)
    #expect(budget.cpuMilliseconds == 7_200_000 && budget.gpuMilliseconds == 90_000)
    #expect(budget.tokens == 1_500_000 && budget.nanodollars == 250_000_000)
    #expect(BudgetText("tokens=250k")?.tokens == 250_000)
  }

  @Test(arguments: [
    "", "tokens", "tokens=", "tokens=0", "tokens=-1", "tokens=nan", "tokens=1e99", "dollars=inf",
    "dollars=-1",
    "cpu=soon", "gold=1", "trials=1,,cpu=1s", "trials=1.5", "trials=99999999999",
  ])
  func whatIsNoAmountIsRefused(_ text: String) { #expect(BudgetText(text) == nil) }

  @Test func boundsAreSent() {
    var budget = RunBudget()
    #expect(budget.wire == nil, "no bound leaves those of a known run alone")
    let patience = ["60", "never", "2h"].map { budget.setPatience($0) }
    #expect(patience == [true, false, true])
    #expect(budget.wire?.patienceTrials == 60 && budget.wire?.patienceMs == 7_200_000)
    let added = ["opt:trials=3", "tokens=5k", "opt:lots"].map { budget.addSpecialist($0) }
    #expect(added == [true, true, false])
    #expect(budget.wire?.specialists.map(\.specialist) == ["opt", ""])
  }
}

@Suite struct CostReportTests {
  private func record(
    _ number: UInt32, _ specialist: String, _ label: LineageV1.VerdictLabel, _ motive: String,
    delta: String = "",
    cpu: UInt64 = 0
  ) -> LineageV1.TrialRecord {
    var record = LineageV1.TrialRecord()
    var trial = LineageV1.Trial()
    trial.trial = number
    var proposal = AgentV1.Proposal()
    proposal.specialist = specialist
    proposal.motive = motive
    trial.proposal = proposal
    record.trial = trial
    var verdict = LineageV1.Verdict()
    verdict.label = label
    verdict.delta = delta
    var usage = LineageV1.PhaseUsage()
    usage.cpuNs = cpu * 1_000_000_000
    verdict.usage = [usage]
    record.verdict = verdict
    return record
  }

  private func revoked(_ record: LineageV1.TrialRecord) -> LineageV1.TrialRecord {
    var record = record
    record.standing = .revoked
    return record
  }

  @Test func whoPaidForWhichGainIsAdded() throws {
    var run = LineageV1.Run()
    var metric = LineageV1.Metric()
    metric.direction = .minimize
    metric.unit = "nats"
    run.metric = metric
    var costs = EvaluatorV1.GetCostsResponse()
    var cost = EvaluatorV1.ModelCost()
    cost.specialist = "opt"
    cost.model = "m"
    cost.requests = 2
    var usage = EvaluatorV1.ModelUsage()
    usage.inputTokens = 1000
    usage.outputTokens = 500
    cost.usage = usage
    cost.nanodollars = 250_000_000
    costs.models = [cost]
    var state = EvaluatorV1.SpecialistState()
    state.specialist = "opt"
    state.duplicatesRefused = 3
    costs.specialists = [state]
    let report = CostReport(
      run: run,
      records: [
        record(0, "", .baseline, "", cpu: 99),
        record(1, "opt", .keep, "mutate.optimizer", delta: "-0.5", cpu: 10),
        record(2, "opt", .crash, "mutate.optimizer+norm", cpu: 2),
        record(3, "arch", .keep, "repair.size", delta: "-0.1", cpu: 4),
        record(4, "arch", .harnessAbort, "mutate.norm", cpu: 50),
        record(5, "arch", .discard, "mutate.norm", delta: "-9", cpu: 4),
        revoked(record(6, "arch", .keep, "mutate.norm", delta: "-7", cpu: 0)),
      ], costs: costs)
    #expect(report.total.revoked == 1 && report.text.contains("1 kept and revoked later"))
    #expect(report.total.duplicates == 3 && report.text.contains("3 submissions were refused"))
    #expect(report.total.trials == 5 && report.total.refunded == 1 && report.total.kept == 2)
    #expect(abs(report.total.gain - 0.6) < 1e-9 && report.total.cpuSeconds == 20)
    #expect(report.specialists.map(\.name) == ["opt", "arch"])
    #expect(report.specialists[0].failed == 1 && report.specialists[0].tokens == 1500)
    #expect(report.specialists[0].gainPerDollar == 2)
    #expect(report.kinds.map(\.name) == ["optimizer", "repair.size", "norm"])
    #expect(report.text.contains("opt:  m, : 2 requests"))
    let again = try JSONDecoder().decode(CostReport.self, from: Data(try JSONLine.encode(report).utf8))
    #expect(again == report)
  }

  /// A trial whose agent was answered with views; `partial` where not all of them are known.
  private func made(_ record: LineageV1.TrialRecord, from views: [String], partial: Bool = false)
    -> LineageV1.TrialRecord
  {
    var record = record
    var readings = LineageV1.Readings()
    readings.partial = partial
    readings.readings = views.map { view in
      var reading = LineageV1.Reading()
      reading.view = view
      reading.requests = 1
      reading.bytes = 100
      return reading
    }
    record.readings = readings
    return record
  }

  @Test func viewsAreSetBesideTheGainsOfTheProposalsThatSawThem() throws {
    var run = LineageV1.Run()
    var metric = LineageV1.Metric()
    metric.direction = .minimize
    run.metric = metric
    let report = CostReport(
      run: run,
      records: [
        record(0, "", .baseline, ""),
        made(record(1, "opt", .keep, "llm", delta: "-0.5", cpu: 10), from: ["failures", "recent"]),
        made(record(2, "opt", .discard, "llm", delta: "0.5", cpu: 2), from: ["recent"]),
        made(record(3, "opt", .keep, "llm", delta: "-0.25", cpu: 1), from: [], partial: false),
        made(revoked(record(4, "opt", .keep, "llm", delta: "-9")), from: ["failures"]),
        made(record(5, "opt", .crash, "llm"), from: ["failures"], partial: true),
        made(record(6, "opt", .harnessAbort, "llm"), from: ["failures"]),
        record(7, "", .discard, ""),
      ], costs: nil)
    let views = report.views
    #expect(views.known == 4 && views.partial == 1 && views.unknown == 1)
    let failures = try #require(views.views.first { $0.view == "failures" })
    #expect(failures.proposals == 3 && failures.kept == 1 && failures.gain == 0.5)
    #expect(failures.cpuSeconds == 10 && failures.requests == 3 && failures.bytes == 300)
    #expect(failures.otherProposals == 2 && failures.otherKept == 1)
    let recent = try #require(views.views.first { $0.view == "recent" })
    #expect(recent.proposals == 2 && recent.kept == 1 && recent.otherProposals == 2)
    #expect(report.text.contains("not what was the cause"))
  }
}
