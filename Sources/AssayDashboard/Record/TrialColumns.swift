/// Trials by column, so that ten thousand of them are small and quick to read.
struct TrialColumns: Encodable, Sendable {
  var trial: [UInt32] = []
  var parent: [UInt32?] = []
  var specialist: [Int] = []
  var label: [Int] = []
  var state: [Int] = []
  var score: [String?] = []
  var delta: [String?] = []
  var noise: [String?] = []
  var seconds: [Double] = []
  var cpuSeconds: [Double] = []
  var memoryBytes: [UInt64] = []
  var artifactBytes: [UInt64] = []
  var submittedMs: [Int64] = []
  var decidedMs: [Int64?] = []
  var hypothesis: [String] = []
  var reason: [String] = []
  var motive: [Int] = []
  var repeats: [UInt32?] = []
  var revokedAncestor: [UInt32?] = []
  var barred: [Bool] = []

  /// What the numbers in the columns above stand for.
  var specialists: [String] = []
  var labels: [String] = []
  var states: [String] = []
  var motives: [String] = []

  init(_ points: some Sequence<TrialPoint>) {
    var (specialistNumbers, labelNumbers, stateNumbers, motiveNumbers) = (
      Numbering(), Numbering(), Numbering(), Numbering()
    )
    for point in points {
      trial.append(point.trial)
      parent.append(point.parent)
      specialist.append(specialistNumbers[point.specialist])
      label.append(labelNumbers[point.label])
      state.append(stateNumbers[point.state.rawValue])
      score.append(point.score)
      delta.append(point.delta)
      noise.append(point.noise)
      seconds.append(Self.rounded(point.seconds))
      cpuSeconds.append(Self.rounded(point.cpuSeconds))
      memoryBytes.append(point.memoryBytes)
      artifactBytes.append(point.artifactBytes)
      submittedMs.append(point.submittedMs)
      decidedMs.append(point.decidedMs)
      hypothesis.append(point.hypothesis)
      reason.append(point.reason)
      motive.append(motiveNumbers[point.motive])
      repeats.append(point.repeats)
      revokedAncestor.append(point.revokedAncestor)
      barred.append(point.isBarred)
    }
    specialists = specialistNumbers.names
    labels = labelNumbers.names
    states = stateNumbers.names
    motives = motiveNumbers.names
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  private struct Numbering {
    var names: [String] = []
    private var known: [String: Int] = [:]

    subscript(name: String) -> Int {
      mutating get {
        if let number = known[name] { return number }
        known[name] = names.count
        names.append(name)
        return names.count - 1
      }
    }
  }
}
