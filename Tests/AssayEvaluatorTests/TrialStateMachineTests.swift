import AssayMessages
import Foundation
import Testing

@testable import AssayEvaluator
@testable import AssayTask

@Suite("The state machine of a trial")
struct TrialStateMachineTests {
  typealias Machine = TrialStateMachine

  static let phase = TaskFile.Phase(
    command: ["x"], outputs: [.init(path: "artifact.bin", maximumBytes: 100)], budgetSeconds: 1,
    limits: .init(cpuSeconds: 1, wallSeconds: 2, memoryBytes: 1, processes: 1, diskBytes: 1, outputBytes: 1))

  static func report(_ ending: JobReport.Ending = .exited, exit: Int32 = 0, size: UInt64 = 10) -> JobReport {
    var report = JobReport(RunnerV1.CompleteJobRequest(), phase: phase, runner: "one")
    report.ending = ending
    report.exitCode = exit
    report.cpuNanoseconds = 1_000_000
    report.outputs = [.init(path: "artifact.bin", state: .present, digest: "d", size: size, maximum: 100)]
    return report
  }
  static let groups = [
    InputGroup(name: "a", files: [.init(path: "x", digest: "1", size: 1)]),
    InputGroup(name: "b", files: [.init(path: "x", digest: "2", size: 1)]),
  ]

  @Test("the honest way asks for each thing once, in order")
  func honest() {
    var machine = Machine(seeds: [7, 8], preflight: true)
    #expect(machine.opening == [.work(.preflight)])
    #expect(machine.apply(.preflightPassed) == [.enqueue(.train(seed: 0)), .enqueue(.train(seed: 1))])
    #expect(machine.pendingWork == nil)
    #expect(machine.apply(.jobEnded(.train(seed: 1), Self.report())) == [])
    #expect(machine.apply(.jobEnded(.train(seed: 0), Self.report())) == [.work(.inputs)])
    let predictions: [Machine.Action] = [
      .enqueue(.predict(seed: 0, group: "a")), .enqueue(.predict(seed: 0, group: "b")),
      .enqueue(.predict(seed: 1, group: "a")),
      .enqueue(.predict(seed: 1, group: "b")),
    ]
    #expect(machine.apply(.inputsReady(Self.groups)) == predictions)
    for (seed, group) in [(0, "a"), (1, "a"), (0, "b")] {
      #expect(machine.apply(.jobEnded(.predict(seed: seed, group: group), Self.report())) == [])
    }
    #expect(
      machine.apply(.jobEnded(.predict(seed: 1, group: "b"), Self.report())) == [.work(.judge(seed: 0))])
    #expect(machine.apply(.judged(seed: 0, Judgement(metrics: ["loss": "1"]))) == [.work(.judge(seed: 1))])
    let end = machine.apply(.judged(seed: 1, Judgement(metrics: ["loss": "2"])))
    guard case .decide(.measured(let measured))? = end.first, end.count == 1 else {
      Issue.record("\(end)")
      return
    }
    #expect(measured.metrics == [["loss": "1"], ["loss": "2"]])
    #expect(machine.stage == .decided)
  }

  @Test("probes come before training, are weighed once all have ended, and their failures are no one's")
  func probes() {
    func machine(predicts: Bool = false) -> Machine {
      Machine(seeds: [7, 8], preflight: true, probes: .init(positions: [0, 1], predicts: predicts))
    }
    let training: [Machine.Action] = [.enqueue(.train(seed: 0)), .enqueue(.train(seed: 1))]
    var plain = machine()
    #expect(plain.apply(.preflightPassed) == [.enqueue(.probe(seed: 0)), .enqueue(.probe(seed: 1))])
    #expect(plain.apply(.weighed(TrialFailure(.sizeBlocked, "early"))) == [])
    #expect(plain.apply(.jobEnded(.probe(seed: 1), Self.report(exit: 1))) == [])
    #expect(plain.apply(.jobEnded(.probe(seed: 1), Self.report())) == [])
    #expect(plain.apply(.jobEnded(.probe(seed: 0), Self.report(.cpu))) == [.weigh])
    #expect(plain.apply(.weighed(nil)) == training)
    #expect(plain.usage().map(\.phase) == ["probe-train", "probe-train"])

    var refused = machine(predicts: true)
    _ = refused.apply(.preflightPassed)
    #expect(refused.apply(.jobEnded(.probe(seed: 0), Self.report())) == [.enqueue(.probePredict(seed: 0))])
    #expect(refused.apply(.jobEnded(.probe(seed: 1), Self.report(exit: 1))) == [])
    #expect(refused.apply(.jobEnded(.probePredict(seed: 0), Self.report())) == [.weigh])
    let failure = TrialFailure(.evalBudgetOverrun, "predicted: slow")
    #expect(refused.apply(.weighed(failure)) == [.cancelJobs, .decide(.failed(failure))])
    #expect(refused.usage().map(\.phase) == ["probe-train", "probe-train", "probe-predict"])

    var lost = machine()
    _ = lost.apply(.preflightPassed)
    #expect(lost.apply(.jobAbandoned("runners were lost")) == [.cancelJobs] + training)
    // Words of a machine that was stored before there were probes are read.
    var old = Machine(seeds: [7], preflight: true)
    let stored = try? JSONEncoder().encode(old)
    #expect(stored.map { !String(decoding: $0, as: UTF8.self).contains("probes") } == true)
    #expect(stored.flatMap { try? JSONDecoder().decode(Machine.self, from: $0) } == old)
    #expect(old.apply(.preflightPassed) == [.enqueue(.train(seed: 0))])
  }

  /// Machines at every stage, with the events that fit none of them.
  @Test("at every stage, each event either fits or changes nothing, and a decision is made once")
  func exhaustive() throws {
    let events: [Machine.Event] = [
      .preflightPassed, .preflightFailed(TrialFailure(.preflightCrash, "x")),
      .jobEnded(.train(seed: 0), Self.report()),
      .jobEnded(.train(seed: 0), Self.report(.cpu)), .jobEnded(.train(seed: 9), Self.report()),
      .jobEnded(.predict(seed: 0, group: "a"), Self.report()),
      .jobEnded(.predict(seed: 0, group: "zzz"), Self.report()),
      .inputsReady(Self.groups), .inputsReady([]), .judged(seed: 0, Judgement(metrics: ["loss": "1"])),
      .judged(seed: 5, Judgement(metrics: [:])), .judged(seed: 0, Judgement(metrics: [:], malformed: "m")),
      .workFailed("w"), .jobEnded(.probe(seed: 0), Self.report()), .jobEnded(.probe(seed: 3), Self.report()),
      .jobEnded(.probe(seed: 0), Self.report(exit: 1)), .jobEnded(.probePredict(seed: 0), Self.report()),
      .weighed(nil), .weighed(TrialFailure(.sizeBlocked, "predicted")),
      .jobAbandoned("j"), .jobEnded(.predict(seed: 0, group: "b"), Self.report()),
    ]
    // Breadth first over all sequences that change something: the reachable machines.
    var seen: Set<Machine> = [
      Machine(seeds: [1], preflight: true), Machine(seeds: [1], preflight: false),
      Machine(seeds: [1], preflight: true, probes: .init(positions: [0], predicts: false)),
      Machine(seeds: [1], preflight: false, probes: .init(positions: [0], predicts: true)),
    ]
    var frontier = Array(seen)
    var decisions = 0
    while let machine = frontier.popLast() {
      for event in events {
        var next = machine
        let actions = next.apply(event)
        let decided = actions.filter { if case .decide = $0 { true } else { false } }
        if machine.stage == .decided {
          #expect(next == machine)
          #expect(actions.isEmpty)
          continue
        }
        #expect(decided.count == (next.stage == .decided ? 1 : 0))
        #expect((next.decision != nil) == (next.stage == .decided))
        if next == machine { #expect(actions.isEmpty) }
        decisions += decided.count
        // A stored machine is the same machine.
        let stored = try JSONDecoder().decode(Machine.self, from: JSONEncoder().encode(next))
        #expect(stored == next)
        if seen.insert(next).inserted { frontier.append(next) }
      }
    }
    #expect(decisions > 20)
    #expect(
      Set(seen.map(\.stage)) == [.preflight, .probing, .training, .inputs, .predicting, .judging, .decided])
  }

  @Test("a failed seed cancels its siblings at once")
  func siblings() {
    var machine = Machine(seeds: [1, 2, 3], preflight: false)
    let actions = machine.apply(.jobEnded(.train(seed: 1), Self.report(.memory)))
    #expect(actions.first == .cancelJobs)
    #expect(actions.count == 2)
    #expect(machine.apply(.jobEnded(.train(seed: 0), Self.report())) == [])
  }

  @Test("failures of ours are tried again, then never charged")
  func ours() {
    var machine = Machine(seeds: [1], preflight: true)
    for _ in 1..<Machine.attempts { #expect(machine.apply(.workFailed("disk")) == [.work(.preflight)]) }
    let end = machine.apply(.workFailed("disk"))
    guard case .decide(.failed(let failure))? = end.last else {
      Issue.record("\(end)")
      return
    }
    #expect(failure.wireLabel == .harnessAbort)
    #expect(failure.reason.contains("not charged"))
  }
}
