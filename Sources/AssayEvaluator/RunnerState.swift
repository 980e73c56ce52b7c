import AssayMessages

/// Whether a host gets jobs.
enum RunnerState: String, Sendable {
  case active
  /// No new jobs; those that it runs may end.
  case cordoned
  /// No new jobs; those that it ran went back to the queue.
  case drained
  /// It failed where its peers did not.
  case quarantined

  var wire: RunnerV1.RunnerState {
    switch self {
    case .active: .active
    case .cordoned: .cordoned
    case .drained: .drained
    case .quarantined: .quarantined
    }
  }
}
