import AssayAudit
import AssayTrajectory

/// Classifies the edits of a run by the syntax trees of its recipes.
enum EditReader {
  private static let batch = 24

  /// Nil when the record holds no code at all, or there is no Python to read it.
  static func figures(of trajectory: Trajectory, in record: any RunRecord) async throws -> EditFigures? {
    guard EditProgram.isThere else { return nil }
    var figures = EditFigures()
    var pairs: [(trial: TrialFacts, pair: EditProgram.Pair)] = []
    var sawCode = false
    // Siblings follow each other, so that the parent just read is often the next one's too.
    var parent: (position: Int, recipe: [String: [UInt8]]?)?
    for trial in trajectory.realTrials {
      guard let position = trial.parent else {
        figures.add(.unknown, domain: trial.domain, isKept: trial.outcome == .kept)
        continue
      }
      if parent?.position != position { parent = (position, try await record.recipe(of: position)) }
      guard let before = parent?.recipe, let after = try await record.recipe(of: trial.position),
        let pair = pair(before, after)
      else {
        figures.add(.unknown, domain: trial.domain, isKept: trial.outcome == .kept)
        continue
      }
      sawCode = true
      pairs.append((trial, pair))
      if pairs.count == batch { try await flush(&pairs, &figures) }
    }
    try await flush(&pairs, &figures)
    return sawCode ? figures : nil
  }

  /// Both recipes as texts, by the paths that both records have; nil when they have none in common.
  private static func pair(_ before: [String: [UInt8]], _ after: [String: [UInt8]]) -> EditProgram.Pair? {
    func texts(_ recipe: [String: [UInt8]], _ wanted: (String) -> Bool) -> [String: String] {
      recipe.filter { wanted($0.key) }.mapValues { String(decoding: $0, as: UTF8.self) }
    }
    // An imported record keeps one file of every trial under one name, and whole folders of kept ones only.
    let single = "recipe.py"
    if before[single] != nil, after[single] != nil, before.keys.count != after.keys.count {
      return EditProgram.Pair(before: texts(before) { $0 == single }, after: texts(after) { $0 == single })
    }
    guard !Set(before.keys).isDisjoint(with: after.keys) else { return nil }
    return EditProgram.Pair(before: texts(before) { _ in true }, after: texts(after) { _ in true })
  }

  private static func flush(
    _ pairs: inout [(trial: TrialFacts, pair: EditProgram.Pair)], _ figures: inout EditFigures
  ) async throws {
    guard !pairs.isEmpty else { return }
    try Task.checkCancellation()
    var kinds = await EditProgram.kinds(of: pairs.map(\.pair))
    if kinds == nil, pairs.count > 1 {
      // One of them broke the program: each by itself, so that only that one stays unknown.
      var singly: [EditKind] = []
      for pair in pairs { singly.append(await EditProgram.kinds(of: [pair.pair])?.first ?? .unknown) }
      kinds = singly
    }
    for (index, pair) in pairs.enumerated() {
      figures.add(
        kinds?[index] ?? .unknown, domain: pair.trial.domain, isKept: pair.trial.outcome == .kept)
    }
    pairs = []
  }
}
