/// How a program ended.
public enum ProgramEnd: Hashable, Sendable {
  /// By itself, with this exit status; -1 when the status is not known.
  case exited(Int32)
  /// By a signal of this number.
  case signalled(Int32)
}
