import AssayMessages
import AssayRPC
import AssayServices
import Foundation
import Glibc
import Testing

/// Several runners on hosts of their own.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(5))) struct FleetTests {
  private static let names = ["n1", "n2", "n3", "n4"]

  @Test(
    "a host that is cut off mid-trial: the trial runs again elsewhere, with one verdict; twice, and it is in quarantine"
  )
  func cutOff() async throws {
    let task = try TaskCopy.make([
      // Long enough to be cut off in.
      .init(
        "task.yaml", "  budget_seconds: 0.5\n  cpu_seconds: 1\n", "  budget_seconds: 4\n  cpu_seconds: 8\n"),
      .init("task.yaml", "wall_seconds: 10", "wall_seconds: 60"),
      .init("task.yaml", "baseline: 3, confirm: 3, final: 3", "baseline: 1, confirm: 0, final: 1"),
    ])
    defer { try? FileManager.default.removeItem(atPath: task) }
    let busy = "for _ in range(120_000_000):\n    pass"

    try await Hosts.with(["ctl"] + Self.names) { hosts in
      let reached = "tcp://\(hosts.address(of: "ctl")):7720"
      try await Site.with(
        task: task, runners: Self.names, listen: reached, start: { try hosts.start($0, on: "ctl", $1) }
      ) { site in
        let runners = try Self.names.map { name in
          try hosts.start(
            "assay-runner", on: name,
            try site.runnerArguments(name, evaluator: reached) + ["--label", "zone=\(name)"])
        }
        defer { for runner in runners { runner.signal(SIGKILL) } }
        try await site.open()
        #expect(try await site.host("n2")?.labels.contains("zone=n2") == true)

        var cut = ""
        for round in 1...2 {
          // The second time, the same host has to get the trial.
          for name in Self.names where round == 2 && name != cut { try await site.set(name, .cordoned) }
          let trial = try await site.submit("1.0\(round)", training: busy)
          let trainer = try await site.trainer(of: trial)
          #expect(round == 1 || trainer == cut)
          cut = trainer
          try await hosts.connect(cut, false)
          for name in Self.names where round == 2 && name != cut { try await site.set(name, .active) }
          let verdict = try await site.verdict(trial)
          #expect(verdict.label == .discard || verdict.label == .keep, "\(verdict.reason)")
          let trained = verdict.usage.filter { $0.phase == "train" }
          #expect(trained.count == 1)
          #expect(trained.allSatisfy { !$0.runner.contains("#\(cut)/") }, "\(trained.map(\.runner))")
          try await hosts.connect(cut, true)
          let host = try #require(try await site.host(cut))
          #expect(host.failuresAlone == UInt64(round))
          #expect(host.state == (round == 1 ? .active : .quarantined), "\(host.reason)")
        }
        // In quarantine it gets nothing; given back, it works again.
        #expect(try await site.host(cut)?.reason.contains("finished by other hosts") == true)
        for name in Self.names where name != cut { try await site.set(name, .cordoned) }
        let last = try await site.submit("1.03")
        try await site.set(cut, .active)
        let verdict = try await site.verdict(last)
        #expect(
          verdict.usage.allSatisfy { $0.runner.contains("#\(cut)/") }, "\(verdict.usage.map(\.runner))")
      }
    }
  }

  @Test("a run whose jobs no runner can take says for what they wait, and ends when it is told to")
  func unmet() async throws {
    let task = try TaskCopy.make([.init("task.yaml", "cores: 1}", "cores: 1, labels: {gpu: h100}}")])
    defer { try? FileManager.default.removeItem(atPath: task) }
    var run = Run()
    run.task = task
    let running = try run.start("--trials", "1")
    let notice = "wait for a host that offers gpu=h100: no active runner does"
    #expect(await running.errors(fulfil: { $0.contains(notice) }))
    running.signal(SIGINT)
    let ended = try await running.ended()
    #expect(ended.status == 130, "\(ended.errors)")
    #expect(ended.errors.components(separatedBy: notice).count == 2, "said once: \(ended.errors)")
  }
}
