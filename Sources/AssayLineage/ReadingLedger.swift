import AssayMessages
import Synchronization

/// Counts which views of a run each agent was answered with, until its next trial is recorded.
///
/// In memory: an answer costs no write. What was counted is recorded with the trial; where a start of the service lies in
/// between, the record says that it does not know all.
final class ReadingLedger: Sendable {
  /// A part of the record. The raw values are what reports call it.
  enum View: String, Sendable, CaseIterable {
    /// All trials and recipes, as an agent's process copies them to compute with.
    case record
    case bestLineage = "best_lineage"
    case leaderboard, recent, failures
    case inFlight = "in_flight"
    case own, kept, subtree, orphaned, repeated, revoked, insights
    /// One trial: verdict, measured budgets and hypothesis.
    case trial
    /// The edit of one trial.
    case edit
    /// The end of what one trial's recipe printed.
    case log
    /// A file tree of one trial.
    case recipe

    init(_ view: LineageV1.TrialView) {
      switch view {
      case .leaderboard: self = .leaderboard
      case .bestLineage: self = .bestLineage
      case .subtree: self = .subtree
      case .recent: self = .recent
      case .specialist: self = .own
      case .inFlight: self = .inFlight
      case .failures: self = .failures
      case .kept: self = .kept
      case .orphaned: self = .orphaned
      case .repeated: self = .repeated
      case .revoked: self = .revoked
      default: self = .record
      }
    }
  }

  private struct Reader: Hashable {
    var run: String
    var identity: String
  }
  private struct Count {
    var requests: UInt32 = 0
    var bytes: UInt64 = 0
  }
  private struct State {
    var counts: [Reader: [View: Count]] = [:]
    /// Readers of whom everything is known since their last trial.
    var known: Set<Reader> = []
    /// Runs that began since the service was started.
    var begun: Set<String> = []
  }
  private let state = Mutex(State())

  /// A run was registered: all that is answered of it is counted from here on.
  func begin(_ run: String) { state.withLock { _ = $0.begun.insert(run) } }

  /// A run has ended, and has no further trials.
  func end(_ run: String) {
    state.withLock { state in
      state.counts = state.counts.filter { $0.key.run != run }
      state.known = state.known.filter { $0.run != run }
      state.begun.remove(run)
    }
  }

  func note(_ view: View, bytes: Int, run: String, identity: String) {
    state.withLock { state in
      var count = state.counts[Reader(run: run, identity: identity), default: [:]][view] ?? Count()
      count.requests = count.requests == .max ? .max : count.requests + 1
      let sum = count.bytes.addingReportingOverflow(UInt64(max(0, bytes)))
      count.bytes = sum.overflow ? .max : sum.partialValue
      state.counts[Reader(run: run, identity: identity), default: [:]][view] = count
    }
  }

  /// What an agent was answered since its last trial, by view.
  func readings(_ run: String, _ identity: String) -> LineageV1.Readings {
    state.withLock { state in
      let reader = Reader(run: run, identity: identity)
      var readings = LineageV1.Readings()
      readings.partial = !state.begun.contains(run) && !state.known.contains(reader)
      readings.readings = (state.counts[reader] ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }.map {
        var reading = LineageV1.Reading()
        reading.view = $0.key.rawValue
        reading.requests = $0.value.requests
        reading.bytes = $0.value.bytes
        return reading
      }
      return readings
    }
  }

  /// Takes off what is recorded with a trial; what was answered since then is the next one's.
  func settle(_ run: String, _ identity: String, _ recorded: LineageV1.Readings) {
    state.withLock { state in
      let reader = Reader(run: run, identity: identity)
      state.known.insert(reader)
      for reading in recorded.readings {
        guard let view = View(rawValue: reading.view), var count = state.counts[reader]?[view] else {
          continue
        }
        count.requests -= min(count.requests, reading.requests)
        count.bytes -= min(count.bytes, reading.bytes)
        state.counts[reader]?[view] = count.requests == 0 ? nil : count
      }
    }
  }
}
