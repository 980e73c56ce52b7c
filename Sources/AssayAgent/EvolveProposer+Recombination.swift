import AssayPatch

extension EvolveProposer {
  /// Carries orphaned wins onto the incumbent: kept edits that are none of its ancestors and that its recipe lacks (docs/lineage.md).
  func orphaned(_ desk: Desk) -> [Idea] {
    let ancestry = desk.evidence.ancestry(of: desk.parent)
    return carrying(desk, motive: "recombine.orphan", "it was kept, and the best recipe lacks it") {
      account in
      account.trial.outcome == .keep && !ancestry.contains(account.trial.number)
    }
  }

  /// Carries edits that helped their own parent, but whose parent was overtaken, onto the incumbent.
  func rebasing(_ desk: Desk) -> [Idea] {
    let metric = desk.evidence.metric
    let ancestry = desk.evidence.ancestry(of: desk.parent)
    return carrying(desk, motive: "recombine.rebase", "another trial was kept meanwhile") { account in
      (account.gain ?? 0) > max(metric.scale, metric.keepMargin) && account.trial.outcome != .keep
        && !ancestry.contains(account.trial.number) && account.trial.parent != desk.parent
    }
  }

  /// The edits of trials, each made on the incumbent where it can be; the largest gain first.
  private func carrying(
    _ desk: Desk, motive: String, _ why: String, where isWanted: (Evidence.Account) -> Bool
  ) -> [Idea] {
    let metric = desk.evidence.metric
    var found: [(gain: Double, idea: Idea)] = []
    for number in desk.evidence.accounts.keys.sorted() {
      guard let account = desk.evidence.accounts[number], isWanted(account),
        let base = desk.recipe(of: account.trial.parent), let theirs = account.trial.recipe,
        !alreadyCarried(number, desk),
        case .applies(let merged) = ChangeStanding(of: theirs, from: base, in: desk.recipe)
      else { continue }
      let gain = account.gain ?? 0
      let who = account.trial.specialist == desk.state.specialist ? "" : " of \(account.trial.specialist)"
      found.append(
        (
          gain,
          Idea(
            parent: desk.parent, recipe: merged,
            hypothesis:
              "Carries trial \(number)\(who) onto trial \(desk.parent): it improved its own parent (trial "
              + "\(account.trial.parent)) by \(amount(gain, metric)), and \(why). "
              + "Its idea: "
              + quoted(account.trial.hypothesis),
            expectedGain: 0.7 * gain, motive: motive, notes: "from trial \(number)")
        ))
    }
    return found.sorted { $0.gain > $1.gain }.map(\.idea)
  }

  /// Joins two edits of the incumbent that were each good, but not good enough to be kept. Where one of them
  /// is another specialist's, its trial is the parent: the proposal itself stays inside this partition.
  func joining(_ desk: Desk) -> [Idea] {
    let metric = desk.evidence.metric
    let near = desk.evidence.ordered.filter { account in
      account.trial.parent == desk.parent && account.trial.number != desk.parent
        && account.trial.recipe != nil
        && (account.gain ?? -1) > 0 && account.trial.outcome == .discard
    }.sorted { ($0.gain ?? 0, $1.trial.number) > ($1.gain ?? 0, $0.trial.number) }
    var ideas: [Idea] = []
    for mine in near.filter({ $0.trial.specialist == desk.state.specialist }).prefix(4) {
      for other in near.prefix(8) where other.trial.number != mine.trial.number {
        let own = other.trial.specialist == desk.state.specialist
        if own, other.trial.number < mine.trial.number { continue }
        guard let a = mine.trial.recipe, let b = other.trial.recipe,
          case .merged(let merged) = ThreeWayMerge.merge(base: desk.recipe, ours: b, theirs: a)
        else { continue }
        let gains = (mine.gain ?? 0, other.gain ?? 0)
        ideas.append(
          Idea(
            parent: own ? desk.parent : other.trial.number, recipe: merged,
            hypothesis: "Joins trials \(mine.trial.number) and \(other.trial.number)"
              + (own ? "" : " (of \(quoted(other.trial.specialist)))")
              + ": each improved trial \(desk.parent) within the noise (\(amount(gains.0, metric)) and "
              + "\(amount(gains.1, metric))); together they may be beyond it.",
            expectedGain: 0.6 * (gains.0 + gains.1), motive: "recombine.join"))
      }
    }
    return ideas.sorted { $0.expectedGain > $1.expectedGain }
  }

  private func alreadyCarried(_ number: Int, _ desk: Desk) -> Bool {
    let mark = "Carries trial \(number) "
    return desk.evidence.accounts.values.contains { account in
      account.trial.specialist == desk.state.specialist
        && ["recombine.rebase", "recombine.orphan"].contains(account.trial.motive)
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
