extension TaskFile {
  /// A short training that shows what the whole one will cost: the same command, told a smaller budget.
  public struct Probe: Sendable, Hashable {
    /// Training with the probe's budget and caps.
    public var train: Phase
    /// Whether prediction is tried on what it leaves, for the time that scoring takes.
    public var predicts: Bool
    /// False: predictions are recorded beside what became of the trial, and decide nothing.
    public var isEnforced: Bool
  }
}
