import AssayTask

/// The measurement that confirms: of the trial and the incumbent in turn, on the same seeds, drawn after the trial was committed.
///
/// Positions alternate so that what drifts on a host (heat, other work) meets both alike: trial, incumbent, incumbent, trial, ...
enum Confirmation {
  enum Side: Sendable { case trial, incumbent }

  static func side(of position: Int) -> Side { [Side.trial, .incumbent, .incumbent, .trial][position % 4] }

  /// Of phase names in the record, such as `confirm-train`.
  static func phasePrefix(_ position: Int) -> String {
    switch side(of: position) {
    case .trial: "confirm-"
    case .incumbent: "incumbent-"
    }
  }

  /// The seed of each position.
  static func positions(_ seeds: [UInt64]) -> [UInt64] { seeds.flatMap { [$0, $0] } }

  /// What was measured of one side, in the order of the seeds.
  static func measured(_ side: Side, of both: Measured) -> Measured {
    func part<Element>(_ all: [Element]) -> [Element] {
      all.indices.filter { self.side(of: $0) == side }.map { all[$0] }
    }
    return Measured(
      metrics: part(both.metrics), cpuSeconds: part(both.cpuSeconds), wallSeconds: part(both.wallSeconds),
      memoryBytes: both.memoryBytes.map(part), predictCPUSeconds: both.predictCPUSeconds.map(part),
      predictWallSeconds: both.predictWallSeconds.map(part))
  }
}
