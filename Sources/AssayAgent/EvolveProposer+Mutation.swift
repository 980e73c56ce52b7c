import AssayPatch
import AssayRandom

extension EvolveProposer {
  /// A recipe changed in one or more places, chosen by what has paid.
  func mutation(_ desk: inout Desk, parts: Int) async throws(AgentError) -> Idea? {
    let donors = donors(desk)
    let survey = try await reader.survey(desk.recipe, scope: desk.state.task.scope, donors: donors)
    guard !survey.candidates.isEmpty else {
      if let problem = survey.errors.first {
        throw AgentError(
          .unreadableRecipe, "\(problem.path) cannot be edited: \(problem.message); correct the recipe")
      }
      throw AgentError(
        .nothingToEdit,
        "the partition of '\(desk.state.specialist)' (\(desk.state.task.scope.summary)) holds nothing "
          + "that can be edited; give it code or constants in the task file")
    }
    var chosen: [Candidate] = []
    var recipe: RecipeTree?
    for _ in 0..<(parts * 4) where chosen.count < parts {
      var offered = survey.candidates
      if desk.evidence.metric.measuresTime, parts > 1, !chosen.isEmpty {
        // Where time is the score, quality pays only together with less work, and the other way round.
        let cuts = chosen.contains { $0.work < 0 }
        offered = offered.filter { cuts ? $0.work >= 0 : $0.work < 0 }
      }
      guard let next = choose(offered, &desk) else { break }
      if chosen.contains(where: { $0.key == next.key }) { continue }
      guard let edited = rewriting(desk.recipe, chosen + [next]) else { continue }
      chosen.append(next)
      recipe = edited
    }
    guard let recipe, !chosen.isEmpty else { return nil }
    var kinds: [String] = []
    for candidate in chosen where !kinds.contains(candidate.operator) { kinds.append(candidate.operator) }
    return Idea(
      parent: desk.parent, recipe: recipe,
      hypothesis: chosen.map { sentence($0, desk) }.joined(separator: " Together with: "),
      expectedGain: expectedGain(chosen, desk), motive: "mutate." + kinds.joined(separator: "+"),
      notes: kinds.compactMap { record(of: $0, desk) }.joined(separator: "; "))
  }

  /// Draws a kind of edit by what it has paid, then a place and a rewrite by what the place has paid.
  private func choose(_ candidates: [Candidate], _ desk: inout Desk) -> Candidate? {
    var weights: [String: [(index: Int, weight: Double)]] = [:]
    for (index, candidate) in candidates.enumerated() where candidate.prior > 0 {
      let direction = candidate.direction == "up" ? 1 : candidate.direction == "down" ? -1 : 0
      let record = desk.evidence.keys[candidate.key]
      var weight = candidate.prior * desk.evidence.favour(key: candidate.key, direction: direction)
      if let record, record.wins == 0 { weight /= 1 + 0.5 * Double(record.tries) }
      weight *= triedTitles(candidate, desk) * outlook(candidate, desk)
      weights[candidate.operator, default: []].append((index, weight))
    }
    var best: (value: Double, kind: String)?
    for kind in weights.keys.sorted() {
      let top = weights[kind]?.map(\.weight).max() ?? 0
      guard top > 0 else { continue }
      let record = desk.evidence.families[kind] ?? Evidence.Record()
      let alpha = min(top, 3) + 1.5 * Double(record.wins) + 0.4 * Double(record.near)
      let beta = 2 + Double(record.tries - record.wins) * 0.8 + 0.4 * Double(record.failures)
      var value = desk.generator.beta(alpha, beta)
      if record.wins > 0 {
        // Gains in units of the noise: what pays much is tried more.
        let units = record.gain / Double(record.wins) / desk.evidence.metric.scale
        value *= 1 + min(1, units / 40)
      }
      value *= desk.evidence.thrift(of: kind)
      if best.map({ value > $0.value }) ?? true { best = (value, kind) }
    }
    guard let kind = best?.kind, let list = weights[kind] else { return nil }
    guard let pick = desk.generator.weighted(list.map { SeededGenerator.power($0.weight, 1.5) }) else {
      return nil
    }
    return candidates[list[pick].index]
  }

  /// Favours more work where there is time left, less where time is the score, and a smaller artifact near its
  /// cap.
  private func outlook(_ candidate: Candidate, _ desk: Desk) -> Double {
    var factor = 1.0
    let usage = desk.trials[desk.parent]?.usage ?? TrialKnowledge.Usage()
    if candidate.work != 0, !(desk.evidence.metric.measuresTime && candidate.tag == "batch") {
      if desk.evidence.metric.measuresTime {
        factor *= candidate.work < 0 ? 2 : 0.3
      } else if usage.trainSeconds > 0, usage.trainLimit > 0 {
        let share = usage.trainSeconds / usage.trainLimit
        if share < 0.4 { factor *= candidate.work > 0 ? 1.8 : 0.6 }
      }
    }
    if candidate.artifact > 0, usage.artifactBytes > 0, usage.artifactLimit > 0,
      let old = Double(candidate.old), let new = Double(candidate.new), old > 0
    {
      if usage.artifactBytes * new / old > usage.artifactLimit { factor *= 0.7 }
    }
    return factor
  }

  /// One named constant set to a value drawn from a wide range.
  func leap(_ desk: inout Desk) async throws(AgentError) -> Idea? {
    let survey = try await reader.survey(desk.recipe, scope: desk.state.task.scope, donors: donors(desk))
    let keys = survey.places.keys.sorted()
    guard !keys.isEmpty else { return nil }
    let key = keys[Int(desk.generator.unit() * Double(keys.count))]
    let exponent = desk.generator.unit() * 4 - 2
    guard let place = survey.places[key], let old = survey.values[key]?.number,
      var bytes = desk.recipe[place.path],
      place.start < place.end, place.end <= bytes.count
    else { return nil }
    var value = (old == 0 ? 0.1 : old) * SeededGenerator.power(2, exponent)
    value = place.integer ? max(1, value.rounded()) : significant(value)
    guard value != old else { return nil }
    let text = place.integer ? numberText(value) : "\(value)"
    bytes.replaceSubrange(place.start..<place.end, with: Array(text.utf8))
    guard let recipe = try? desk.recipe.setting(place.path, to: bytes) else { return nil }
    let shown = key.split(separator: ":").last.map(String.init) ?? key
    return Idea(
      parent: desk.parent, recipe: recipe,
      hypothesis:
        "\(shown) \(numberText(old)) -> \(text): likely steps from here have been tried, or do not show beyond the "
        + "noise, so a value further away is drawn.", expectedGain: 0.2 * desk.evidence.metric.scale,
      motive: "mutate.leap")
  }

  /// Rewrites that were tried in the same words count for less: the same swap failed or paid already.
  private func triedTitles(_ candidate: Candidate, _ desk: Desk) -> Double {
    guard candidate.direction.isEmpty else { return 1 }
    var factor = 1.0
    for account in desk.own where account.trial.hypothesis.contains(candidate.title) {
      if account.trial.outcome?.isFailure ?? true {
        factor *= 0.1
      } else if let gain = account.gain {
        factor *= gain > desk.evidence.metric.scale ? 0.8 : gain < -desk.evidence.metric.scale ? 0.1 : 0.35
      }
    }
    return factor
  }

  private func sentence(_ candidate: Candidate, _ desk: Desk) -> String {
    let direction = candidate.direction == "up" ? 1 : candidate.direction == "down" ? -1 : 0
    var text = "\(candidate.title) (\(candidate.section))"
    if let words = desk.evidence.words(key: candidate.key, direction: direction) {
      text += ": " + words
    } else if !candidate.why.isEmpty {
      text += ": " + candidate.why
    } else {
      text += ": not tried yet; both directions of a constant are worth one look"
    }
    return text + "."
  }

  private func record(of kind: String, _ desk: Desk) -> String? {
    guard let record = desk.evidence.families[kind], record.tries > 0 else { return nil }
    return "\(kind) edits so far: \(record.tries) tried, \(record.wins) paid, \(record.failures) failed"
  }

  private func expectedGain(_ chosen: [Candidate], _ desk: Desk) -> Double {
    chosen.reduce(0) { sum, candidate in
      let record = desk.evidence.families[candidate.operator] ?? Evidence.Record()
      let mean = record.wins > 0 ? record.gain / Double(record.wins) : 2 * desk.evidence.metric.scale
      let chance = (Double(record.wins) + 0.3) / (Double(record.tries) + 2)
      return sum + mean * chance
    }
  }

  /// Well-scored recipes besides the current one, to copy functions from.
  private func donors(_ desk: Desk) -> [(trial: Int, recipe: RecipeTree)] {
    let metric = desk.evidence.metric
    let lineage = desk.evidence.ancestry(of: desk.parent)
    let scored = desk.trials.values.filter { trial in
      trial.number != desk.parent && !lineage.contains(trial.number) && trial.recipe != nil
        && trial.score != nil
        && (desk.evidence.accounts[trial.number]?.gain ?? -1) > -metric.scale
    }
    return scored.sorted { one, other in
      let gain = metric.gain(from: other.score ?? 0, to: one.score ?? 0)
      return gain != 0 ? gain > 0 : one.number < other.number
    }.prefix(3).compactMap { trial in trial.recipe.map { (trial.number, $0) } }
  }
}
