/// How `assay run` came to its end.
public enum RunEnd: Sendable, Equatable {
  /// The run is finished and re-scored.
  case finished
  /// Stopped by a signal; the same command goes on.
  case interrupted
}
