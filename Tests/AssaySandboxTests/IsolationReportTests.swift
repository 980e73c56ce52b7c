import AssaySandbox
import Testing

@Suite("How well jobs are shut in, in a word") struct IsolationReportTests {
  private func report(_ change: (inout IsolationReport) -> Void = { _ in }) -> IsolationReport {
    var report = IsolationReport(
      namespaces: true, dedicatedUser: true, seccomp: true, memoryLimit: true, processLimit: true,
      cpuAccounting: true, inContainer: false)
    change(&report)
    return report
  }

  @Test func full() {
    #expect(report().level == .full)
    // A container around it takes nothing away.
    #expect(report { $0.inContainer = true }.level == .full)
    #expect(report().description.hasPrefix("full: namespaces yes, own user yes"))
  }

  @Test("each part that is missing counts, and is named")
  func missing() {
    let parts: [(String, (inout IsolationReport) -> Void)] = [
      ("own user NO", { $0.dedicatedUser = false }), ("memory limit NO", { $0.memoryLimit = false }),
      ("process limit NO", { $0.processLimit = false }), ("cpu accounting NO", { $0.cpuAccounting = false }),
    ]
    for (name, takeAway) in parts {
      var less = report(takeAway)
      #expect(less.level == .reduced)
      #expect(less.description.contains(name))
      less.inContainer = true
      #expect(less.level == .container)
      #expect(less.description.hasPrefix("container: "))
    }
  }

  @Test func remarks() {
    let less = report {
      $0.memoryLimit = false
      $0.remarks = ["mount control groups"]
    }
    #expect(less.description.hasSuffix("(mount control groups)"))
  }
}
