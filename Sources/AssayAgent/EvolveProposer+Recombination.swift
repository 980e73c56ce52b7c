import AssayPatch

extension EvolveProposer {
  /// Carries edits that helped their own parent, but whose parent was overtaken, onto the incumbent.
  func rebasing(_ desk: Desk) -> [Idea] {
    let metric = desk.evidence.metric
    let ancestry = desk.evidence.ancestry(of: desk.parent)
    var found: [(gain: Double, idea: Idea)] = []
    for number in desk.evidence.accounts.keys.sorted() {
      guard let account = desk.evidence.accounts[number], let gain = account.gain,
        gain > max(metric.scale, metric.keepMargin),
        !ancestry.contains(number), account.trial.parent != desk.parent,
        let base = desk.recipe(of: account.trial.parent), let theirs = account.trial.recipe,
        !alreadyCarried(number, desk)
      else { continue }
      guard case .merged(let merged) = ThreeWayMerge.merge(base: base, ours: desk.recipe, theirs: theirs)
      else { continue }
      let who = account.trial.specialist == desk.state.specialist ? "" : " of \(account.trial.specialist)"
      found.append(
        (
          gain,
          Idea(
            parent: desk.parent, recipe: merged,
            hypothesis:
              "Carries trial \(number)\(who) onto trial \(desk.parent): it improved its own parent (trial "
              + "\(account.trial.parent)) by \(amount(gain, metric)), but another trial was kept meanwhile. "
              + "Its idea: "
              + quoted(account.trial.hypothesis),
            expectedGain: 0.7 * gain, motive: "recombine.rebase", notes: "from trial \(number)")
        ))
    }
    return found.sorted { $0.gain > $1.gain }.map(\.idea)
  }

  /// Joins two edits of the incumbent that were each good, but not good enough to be kept.
  func joining(_ desk: Desk) -> [Idea] {
    let metric = desk.evidence.metric
    let near = desk.evidence.accounts.keys.sorted().compactMap { desk.evidence.accounts[$0] }.filter {
      account in
      account.trial.parent == desk.parent && account.trial.number != desk.parent
        && account.trial.recipe != nil
        && (account.gain ?? -1) > 0 && account.trial.outcome == .discard
    }.sorted { ($0.gain ?? 0, $1.trial.number) > ($1.gain ?? 0, $0.trial.number) }.prefix(5)
    var ideas: [Idea] = []
    for (index, one) in near.enumerated() {
      for other in near.dropFirst(index + 1) {
        guard let a = one.trial.recipe, let b = other.trial.recipe,
          case .merged(let merged) = ThreeWayMerge.merge(base: desk.recipe, ours: a, theirs: b)
        else { continue }
        let sum = (one.gain ?? 0) + (other.gain ?? 0)
        ideas.append(
          Idea(
            parent: desk.parent, recipe: merged,
            hypothesis:
              "Joins trials \(one.trial.number) and \(other.trial.number): each improved trial "
              + "\(desk.parent) within the noise (\(amount(one.gain ?? 0, metric)) and "
              + "\(amount(other.gain ?? 0, metric))); together "
              + "they may be beyond it.",
            expectedGain: 0.6 * sum, motive: "recombine.join"))
      }
    }
    return ideas
  }

  private func alreadyCarried(_ number: Int, _ desk: Desk) -> Bool {
    let mark = "Carries trial \(number) "
    return desk.evidence.accounts.values.contains { account in
      account.trial.specialist == desk.state.specialist && account.trial.motive == "recombine.rebase"
        && account.trial.hypothesis.hasPrefix(mark)
    }
  }

  func amount(_ gain: Double, _ metric: TaskKnowledge.Metric) -> String {
    shortNumber(gain) + (metric.unit.isEmpty ? "" : " " + metric.unit)
  }

  /// Another agent's words: one bounded line in quotation marks.
  func quoted(_ text: String) -> String {
    let line = String(text.unicodeScalars.map { $0.value < 0x20 || $0 == "\"" ? " " : Character($0) })
    return "\"" + line.prefix(200) + (line.count > 200 ? "…" : "") + "\""
  }
}
