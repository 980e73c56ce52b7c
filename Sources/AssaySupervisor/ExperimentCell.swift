/// One finished run of an experiment: everything that the report is made from.
public struct ExperimentCell: Codable, Sendable {
  /// Which run it is.
  public struct Place: Codable, Hashable, Sendable {
    public var arm: String
    public var seed: UInt64

    /// Name of its folder.
    public var name: String { "\(arm)-\(seed)" }
  }

  public var place: Place
  public var run: String
  public var baseline: Double
  public var minimize: Bool
  public var unit: String
  /// All trials but the baseline, by number.
  public var rows: [TrialRow]
  public var final: BestTrial.Final?
  /// Submissions that were refused as duplicates; nil in a cell of a version that did not count them.
  public var duplicates: UInt32?
  /// Wall time of the run on this host.
  public var seconds: Double
}
