/// What was measured of a recipe, one entry a seed.
struct Measured: Codable, Hashable, Sendable {
  /// The scorer's metrics, decimal strings.
  var metrics: [[String: String]]
  /// Of training, by the runner's clock.
  var cpuSeconds: [Double]
  var wallSeconds: [Double]
  /// The most that training held; nil in what was measured before this was kept.
  var memoryBytes: [UInt64]?
  /// Of prediction, by the runner's clock: the group that took longest. Nil in what was measured before this was kept.
  var predictCPUSeconds: [Double]?
  var predictWallSeconds: [Double]?
}
