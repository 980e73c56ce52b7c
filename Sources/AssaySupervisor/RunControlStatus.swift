import AssayMessages
import Foundation

/// Who may submit in a run, and what is left to spend, as its evaluator says.
public struct RunControlStatus: Codable, Sendable, Equatable {
  public struct Amount: Codable, Sendable, Equatable {
    public var trials: UInt32
    public var cpuSeconds, gpuSeconds: Double
    public var tokens: UInt64
    public var dollars: Double

    private enum CodingKeys: String, CodingKey {
      case trials
      case cpuSeconds = "cpu_seconds"
      case gpuSeconds = "gpu_seconds"
      case tokens, dollars
    }

    init(_ spend: EvaluatorV1.Spend?) {
      trials = spend?.trials ?? 0
      cpuSeconds = Double(spend?.cpuMs ?? 0) / 1000
      gpuSeconds = Double(spend?.gpuMs ?? 0) / 1000
      tokens = spend?.tokens ?? 0
      dollars = Double(spend?.nanodollars ?? 0) / 1e9
    }
  }

  public struct Specialist: Codable, Sendable, Equatable {
    public var name: String
    public var paused, exhausted: Bool
    public var spent, reserved: Amount
  }

  public var run: String
  public var phase: String
  public var paused: Bool
  /// Why it takes no more trials; nil while it does.
  public var stop: String?
  public var reason: String?
  public var deadline: String?
  public var arm: String?
  /// What it is measured on; nil before its first job.
  public var hardware: String?
  public var refunded: UInt32
  /// 0 in `bound` means none.
  public var bound, spent, reserved: Amount
  public var specialists: [Specialist]

  init(_ state: EvaluatorV1.RunState) {
    run = state.runId
    phase =
      switch state.phase {
      case .measuringBaseline: "measuring_baseline"
      case .accepting: "accepting"
      case .draining: "draining"
      case .rescoring: "rescoring"
      case .finished: "finished"
      case .failed: "failed"
      default: "unknown"
      }
    paused = state.paused
    stop = state.stop.isEmpty ? nil : state.stop
    reason = state.reason.isEmpty ? nil : state.reason
    deadline =
      state.deadlineMs == 0
      ? nil : Date(timeIntervalSince1970: Double(state.deadlineMs) / 1000).formatted(.iso8601)
    arm = state.arm.map(\.name)
    hardware = state.hardware.isEmpty ? nil : state.hardware
    refunded = state.refunded
    bound = Amount(state.bounds?.run)
    bound.trials = state.maxTrials
    spent = Amount(state.spent)
    reserved = Amount(state.reserved)
    specialists = state.specialists.map {
      Specialist(
        name: $0.specialist, paused: $0.paused, exhausted: $0.exhausted, spent: Amount($0.spent),
        reserved: Amount($0.reserved))
    }
  }

  public var text: String {
    var lines = [
      "  phase     \(phase)\(paused ? ", paused" : "")\(stop.map { ", stopped: \($0)" } ?? "")\(deadline.map { ", deadline \($0)" } ?? "")"
    ]
    if let reason { lines.append("  reason    \(TerminalText.oneLine(reason, limit: 300))") }
    if let hardware { lines.append("  hardware  \(TerminalText.oneLine(hardware, limit: 300))") }
    if let arm { lines.append("  arm       \(arm)") }
    func share(_ spent: Double, _ bound: Double, _ digits: Int) -> String {
      let number = { (value: Double) in String(format: "%.\(digits)f", value) }
      return bound > 0 ? "\(number(spent)) of \(number(bound))" : number(spent)
    }
    var facts = [
      "\(share(Double(spent.trials), Double(bound.trials), 0)) trials",
      "\(share(spent.cpuSeconds, bound.cpuSeconds, 1)) CPU s",
    ]
    if spent.gpuSeconds + bound.gpuSeconds > 0 {
      facts.append("\(share(spent.gpuSeconds, bound.gpuSeconds, 1)) GPU s")
    }
    if spent.tokens + bound.tokens > 0 {
      facts.append("\(share(Double(spent.tokens), Double(bound.tokens), 0)) tokens")
    }
    if spent.dollars + bound.dollars > 0 {
      facts.append("\(share(spent.dollars, bound.dollars, 4)) dollars")
    }
    lines.append(
      "  spent     \(facts.joined(separator: ", "))\(refunded > 0 ? ", \(refunded) trials not charged" : "")")
    let resting = specialists.filter(\.paused).map(\.name)
    if !resting.isEmpty { lines.append("  paused    \(resting.joined(separator: ", "))") }
    let done = specialists.filter(\.exhausted).map(\.name)
    if !done.isEmpty { lines.append("  spent all \(done.joined(separator: ", "))") }
    return lines.joined(separator: "\n")
  }
}
