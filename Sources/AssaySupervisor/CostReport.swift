public import AssayAudit
public import AssayMessages
import AssayTrajectory

/// What a run cost and what it was paid for: confirmed gains beside trials, CPU time, tokens and dollars. Pure.
public struct CostReport: Codable, Sendable, Equatable {
  /// One specialist, one kind of edit, or the whole run.
  public struct Line: Codable, Sendable, Equatable {
    public var name: String
    public var trials = 0
    public var kept = 0
    /// Kept, and taken back later: their gains are none.
    public var revoked = 0
    public var failed = 0
    /// Our failures, which nobody is charged for.
    public var refunded = 0
    /// Submissions that were refused, because their recipe had been tried before.
    public var duplicates: UInt32 = 0
    /// Sum of what each keep was better than the incumbent of its time, in the metric's unit.
    public var gain = 0.0
    public var cpuSeconds = 0.0
    public var wallSeconds = 0.0
    public var tokens: UInt64 = 0
    public var dollars = 0.0

    public var gainPerCPUHour: Double? { cpuSeconds > 0 ? gain / cpuSeconds * 3600 : nil }
    public var gainPerDollar: Double? { dollars > 0 ? gain / dollars : nil }

    private enum CodingKeys: String, CodingKey {
      case name, trials, kept, revoked, failed, refunded, duplicates, gain
      case cpuSeconds = "cpu_seconds"
      case wallSeconds = "wall_seconds"
      case tokens, dollars
    }
  }

  /// The requests to one model for one purpose.
  public struct ModelLine: Codable, Sendable, Equatable {
    public var specialist, provider, model, purpose: String
    public var requests, unsettled, refunded, unpriced: UInt32
    public var inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens: UInt64
    public var dollars: Double

    /// - Parameter cost: a line of the evaluator's ledger.
    public init(_ cost: EvaluatorV1.ModelCost) {
      specialist = cost.specialist
      provider = cost.provider
      model = cost.model
      purpose = cost.purpose
      requests = cost.requests
      unsettled = cost.unsettled
      refunded = cost.refunded
      unpriced = cost.unpriced
      inputTokens = cost.usage?.inputTokens ?? 0
      outputTokens = cost.usage?.outputTokens ?? 0
      cacheReadTokens = cost.usage?.cacheReadTokens ?? 0
      cacheWriteTokens = cost.usage?.cacheWriteTokens ?? 0
      dollars = Double(cost.nanodollars) / 1e9
    }

    private enum CodingKeys: String, CodingKey {
      case specialist, provider, model, purpose, requests, unsettled, refunded, unpriced
      case inputTokens = "input_tokens"
      case outputTokens = "output_tokens"
      case cacheReadTokens = "cache_read_tokens"
      case cacheWriteTokens = "cache_write_tokens"
      case dollars
    }
  }

  public var run: String
  public var unit: String
  public var arm: String?
  public var lineage: Bool
  public var total: Line
  public var specialists: [Line]
  /// By the kind of edit that a motive names.
  public var kinds: [Line]
  public var models: [ModelLine]
  /// By the views of the lineage that proposals were made from.
  public var views: ViewFigures

  /// - Parameters:
  ///   - records: all trials of the run.
  ///   - costs: what the evaluator's ledger says of model requests; nil where there is none.
  init(run: LineageV1.Run, records: [LineageV1.TrialRecord], costs: EvaluatorV1.GetCostsResponse?) {
    self.run = run.runId
    unit = run.metric?.unit ?? ""
    arm = run.arm.isEmpty ? nil : run.arm
    lineage = run.lineageEnabled
    let minimize = run.metric?.direction != .maximize
    var total = Line(name: "total")
    var specialists: [String: Line] = [:]
    var kinds: [String: Line] = [:]
    var proposals: [ViewFigures.Proposal] = []
    for record in records where record.trial?.trial != 0 && !record.inFlight {
      guard let proposal = record.trial?.proposal, let verdict = record.verdict else { continue }
      let isRevoked = record.standing == .revoked
      total.add(verdict, minimize, isRevoked: isRevoked)
      specialists[proposal.specialist, default: Line(name: proposal.specialist)]
        .add(verdict, minimize, isRevoked: isRevoked)
      if verdict.label != .harnessAbort { proposals.append(.init(record, verdict, minimize)) }
      let kind = Self.kind(of: proposal.motive)
      kinds[kind, default: Line(name: kind)].add(verdict, minimize, isRevoked: isRevoked)
    }
    for cost in costs?.models ?? [] {
      let usage = cost.usage ?? EvaluatorV1.ModelUsage()
      let tokens = [usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens]
        .reduce(0, &+)
      let dollars = Double(cost.nanodollars) / 1e9
      total.tokens &+= tokens
      total.dollars += dollars
      specialists[cost.specialist, default: Line(name: cost.specialist)].tokens &+= tokens
      specialists[cost.specialist, default: Line(name: cost.specialist)].dollars += dollars
    }
    for state in costs?.specialists ?? [] where state.duplicatesRefused > 0 {
      total.duplicates += state.duplicatesRefused
      specialists[state.specialist, default: Line(name: state.specialist)].duplicates =
        state.duplicatesRefused
    }
    self.total = total
    self.specialists = specialists.values.sorted { ($0.gain, $1.name) > ($1.gain, $0.name) }
    self.kinds = kinds.values.sorted { ($0.gain, $0.kept, $1.name) > ($1.gain, $1.kept, $0.name) }
    models = (costs?.models ?? []).map(ModelLine.init)
    views = ViewFigures(proposals)
  }

  /// `mutate.optimizer+constant.rate` is one of `optimizer`; other motives are kinds of their own.
  static func kind(of motive: String) -> String {
    guard !motive.isEmpty else { return "-" }
    let name = motive.hasPrefix("mutate.") ? String(motive.dropFirst("mutate.".count)) : motive
    return String(name.prefix { $0 != "+" })
  }

  public var text: String {
    var lines = ["run \(run)\(arm.map { ", arm \($0)" } ?? "")\(lineage ? "" : ", without lineage")"]
    func table(_ title: String, _ rows: [Line]) {
      lines.append("")
      lines.append(
        TerminalText.fit(title, 20)
          + " trials  kept failed      gain  CPU s   gain/CPU h    tokens    dollars  gain/dollar")
      for row in rows {
        lines.append(
          [
            TerminalText.fit(row.name, 20), pad("\(row.trials)", 7), pad("\(row.kept)", 5),
            pad("\(row.failed)", 6), pad(Estimate.decimal(row.gain, 4), 9),
            pad(Estimate.decimal(row.cpuSeconds, 0), 6),
            pad(row.gainPerCPUHour.map { Estimate.decimal($0, 3) } ?? "-", 12),
            pad(row.tokens == 0 ? "-" : "\(row.tokens)", 9),
            pad(row.dollars == 0 ? "-" : Estimate.decimal(row.dollars, 4), 10),
            pad(row.gainPerDollar.map { Estimate.decimal($0, 4) } ?? "-", 12),
          ].joined(separator: " "))
      }
    }
    table("specialist", specialists + [total])
    table("kind of edit", kinds)
    if !models.isEmpty {
      lines += ["", "model requests"]
      for model in models {
        lines.append(
          "  \(model.specialist): \(model.provider) \(model.model), \(model.purpose): \(model.requests) requests"
            + " (\(model.unsettled) unknown, \(model.refunded) refunded), \(model.inputTokens) in, \(model.outputTokens) out,"
            + " \(model.cacheReadTokens) cached, "
            + (model.unpriced > 0
              ? "\(model.unpriced) without a price" : "\(Estimate.decimal(model.dollars, 4)) dollars"))
      }
    }
    lines += viewLines
    lines.append("")
    if total.duplicates > 0 {
      lines.append("\(total.duplicates) submissions were refused: their recipes had been tried before.")
    }
    if total.revoked > 0 {
      lines.append("\(total.revoked) kept and revoked later: what they were better is no gain.")
    }
    lines.append(
      "A gain is what a keep was better than the incumbent of its time, in \(unit.isEmpty ? "the metric's unit" : unit); CPU time is that of all phases and confirmations, baseline and final report not counted."
    )
    return lines.joined(separator: "\n")
  }

  private var viewLines: [String] {
    guard views.known + views.partial > 0 else { return [] }
    var lines = [
      "",
      TerminalText.fit("lineage view", 20)
        + " proposals  kept      gain  CPU s  requests     bytes  made without it, kept",
    ]
    for view in views.views {
      lines.append(
        [
          TerminalText.fit(TerminalText.oneLine(view.view, limit: 20), 20), pad("\(view.proposals)", 9),
          pad("\(view.kept)", 5),
          pad(Estimate.decimal(view.gain, 4), 9), pad(Estimate.decimal(view.cpuSeconds, 0), 6),
          pad("\(view.requests)", 9), pad("\(view.bytes)", 9),
          pad("\(view.otherProposals), \(view.otherKept)", 22),
        ].joined(separator: " "))
    }
    if views.partial + views.unknown > 0 {
      lines.append(
        "Of \(views.partial) proposals only a part is known, since the lineage service was started anew before them, and nothing of \(views.unknown)."
      )
    }
    return lines + [ViewFigures.caution]
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

extension CostReport.Line {
  mutating func add(_ verdict: LineageV1.Verdict, _ minimize: Bool, isRevoked: Bool) {
    guard verdict.label != .harnessAbort else {
      refunded += 1
      return
    }
    trials += 1
    cpuSeconds += Double(verdict.usage.reduce(0) { $0 &+ $1.cpuNs }) / 1e9
    wallSeconds += Double(verdict.usage.reduce(0) { $0 &+ $1.wallNs }) / 1e9
    if TrialMeasures.failures.contains(LabelText.name(verdict.label)) { failed += 1 }
    if verdict.label == .keep, isRevoked {
      revoked += 1
    } else if verdict.label == .keep, let delta = Double(verdict.delta) {
      kept += 1
      gain += minimize ? -delta : delta
    }
  }
}

extension ViewFigures.Proposal {
  public init(_ record: LineageV1.TrialRecord, _ verdict: LineageV1.Verdict, _ minimize: Bool) {
    self.init(
      views: record.readings.map(ViewsAnswered.init),
      isKept: verdict.label == .keep && record.standing != .revoked,
      gain: Double(verdict.delta).map { minimize ? -$0 : $0 } ?? 0,
      cpuSeconds: Double(verdict.usage.reduce(0) { $0 &+ $1.cpuNs }) / 1e9)
  }
}
