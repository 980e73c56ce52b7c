/// Says while a run goes on for what its jobs wait that no runner offers: else nothing is seen but that it does not begin.
struct UnmetNotice: Sendable {
  let directory: StateDirectory
  let say: @Sendable (String) -> Void

  /// Between looks. What is waited for at two in a row is no runner that is about to come.
  static let pause = Duration.seconds(5)

  /// Until cancelled.
  func watch() async throws {
    try await RunnerFleet.with(directory) { fleet in
      var (before, said): (Set<Substring>, Set<Substring>) = ([], [])
      while true {
        try await Task.sleep(for: Self.pause)
        // A service that is being started again is asked the next time.
        guard let listing = try? await fleet.list() else { continue }
        var waiting: Set<Substring> = []
        for text in listing.unmet {
          // How many wait changes all the time.
          let need = text.drop { $0 != " " }
          waiting.insert(need)
          if before.contains(need), said.insert(need).inserted { say("\(text) (assay runners)") }
        }
        before = waiting
      }
    }
  }
}
