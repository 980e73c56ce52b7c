import AssayRPC
import Glibc

/// What every service process does when it is stopped and started.
struct ProcessCases: Sendable {
  let subject: Subject
  /// Who calls.
  let caller: String

  var cases: [ConformanceCase] {
    [
      ConformanceCase(
        "restart/session_lost", "a session of before the restart",
        expect: "UNAUTHENTICATED, and a new one works", needs: [.restart]
      ) {
        let raw = try await subject.raw(caller)
        try await subject.restart(as: caller)
        let answer = try await raw.exchange(
          raw.request(BuiltInMethods.getServerInfo.name, []), timeout: .seconds(10))
        try Expect.equal(RPCStatus(rawValue: answer.status?.code ?? 0), .unauthenticated, "the status")
      },
      ConformanceCase(
        "restart/drain", "asked to stop",
        expect: "it ends by itself within 15 s; the address is free again",
        needs: [.restart]
      ) {
        guard let control = subject.control else { return }
        control.signal(SIGTERM)
        let started = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            do { try await Task.sleep(for: .seconds(16)) } catch { return }
            control.signal(SIGKILL)
          }
          await control.ended()
          group.cancelAll()
        }
        let took = started.duration(to: .now)
        try await control.start()
        try await subject.untilReady(caller)
        try Expect.that(took < .seconds(15), "\(took)")
      },
    ]
  }
}
