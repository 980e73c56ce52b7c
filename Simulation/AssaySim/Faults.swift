/// What can go wrong in one seed. Each seed draws which kinds it has and how often they come, so that some seeds are about one thing alone
/// (swarm testing: Groce et al., 2012; FoundationDB's and TigerBeetle's simulators do the same).
struct Faults {
  var weather = Network.Weather()
  /// Mean time between faults of a kind, in nanoseconds; nil for a kind that does not occur.
  var kill: Int64?
  var pause: Int64?
  var cut: Int64?
  var clock: Int64?
  var disk: Int64?
  /// Chance that a disk in trouble fails an operation, and that the process dies in the middle of it.
  var diskFailure = 0.0
  var diskDeath = 0.0
  var sandboxFailure = 0.0
  var scorerFailure = 0.0
  /// Until when there are faults.
  var until: Int64 = 0

  init(_ scheduler: Scheduler, until end: Int64) {
    until = end
    let second: Int64 = 1_000_000_000
    func rate(_ chance: Double, _ least: Int64, _ most: Int64) -> Int64? {
      guard scheduler.chance(chance) else { return nil }
      return (least + scheduler.below(most - least)) * second
    }
    if scheduler.chance(0.6) {
      weather = Network.Weather(
        drop: Double(scheduler.below(12)) / 100, duplicate: Double(scheduler.below(10)) / 100,
        late: Double(scheduler.below(20)) / 100, longDelay: scheduler.below(4000) * 1_000_000)
    }
    kill = rate(0.7, 3, 40)
    pause = rate(0.4, 5, 60)
    cut = rate(0.5, 5, 60)
    clock = rate(0.25, 10, 60)
    disk = rate(0.4, 5, 60)
    diskFailure = Double(scheduler.below(60)) / 100
    diskDeath = scheduler.chance(0.5) ? Double(scheduler.below(20)) / 100 : 0
    sandboxFailure = scheduler.chance(0.4) ? Double(scheduler.below(10)) / 100 : 0
    scorerFailure = scheduler.chance(0.4) ? Double(scheduler.below(10)) / 100 : 0
  }
}

/// A mistake that the simulation has to find, made on purpose.
enum Sabotage: String, CaseIterable, Sendable {
  /// The disk says that a commit is durable before it is.
  case acknowledgeBeforeCommit = "acknowledge-before-commit"
  /// The evaluator does not know a submission again when it comes a second time.
  case forgetIdempotency = "forget-idempotency"
  /// Whoever had a lease once may complete the job.
  case noFencing = "no-fencing"
  /// A failure of the runner is reported as the recipe's.
  case chargeOurFailures = "charge-our-failures"

  var meaning: String {
    switch self {
    case .acknowledgeBeforeCommit: "a commit is acknowledged before it is on disk"
    case .forgetIdempotency: "a submission that is sent again is a new one"
    case .noFencing: "a lease has no fencing token"
    case .chargeOurFailures: "a failure of the sandbox is the recipe's"
    }
  }
}
