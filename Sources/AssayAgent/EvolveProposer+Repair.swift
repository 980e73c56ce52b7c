import AssayPatch
import Foundation

extension EvolveProposer {
  /// Ways to mend the specialist's own latest failures, by label and margin.
  func repairing(_ desk: Desk) async throws(AgentError) -> [Idea] {
    let own = desk.evidence.accounts.keys.sorted().compactMap { desk.evidence.accounts[$0] }
      .filter { $0.trial.specialist == desk.state.specialist && $0.trial.outcome != nil }
    var ideas: [Idea] = []
    for failed in own.suffix(5).reversed() {
      guard let outcome = failed.trial.outcome, outcome.isFailure, outcome != .illegal,
        failed.trial.recipe != nil,
        desk.recipe(of: failed.trial.parent) != nil
      else { continue }
      let mark = "trial \(failed.trial.number):"
      let attempts = own.filter {
        $0.trial.motive.hasPrefix("repair.") && $0.trial.hypothesis.contains("epairs " + mark)
      }
      // A repair that failed is a failure of its own and is mended in its turn, a few times; a crash
      // has no margin to steer by.
      guard attempts.count < 2, attempts.allSatisfy({ $0.trial.outcome?.isFailure ?? false }),
        repairDepth(failed.trial, own) < (outcome == .disqualified || outcome == .crash ? 1 : 3)
      else { continue }
      switch outcome {
      case .sizeBlocked: ideas += try await shrinking(failed, desk)
      case .trainBudgetOverrun, .evalBudgetOverrun: ideas += try await cutting(failed, desk)
      case .crash, .preflightCrash: ideas += try await mending(failed, desk)
      case .disqualified: ideas += try await yielding(failed, desk)
      default: break
      }
      if outcome != .crash, outcome != .preflightCrash,
        outcome != .disqualified || desk.evidence.metric.measuresTime, let recipe = failed.trial.recipe,
        let parent = desk.recipe(of: failed.trial.parent)
      {
        let lead = "Repairs trial \(failed.trial.number): \(outcome.rawValue)"
        let kinds: [TrialOutcome: String] = [
          .sizeBlocked: "repair.size", .trainBudgetOverrun: "repair.train", .evalBudgetOverrun: "repair.eval",
        ]
        let kind = kinds[outcome] ?? "repair.gate"
        ideas += reverting(failed, recipe, parent, desk, story: "", lead: lead, motive: kind).map(\.idea)
      }
    }
    // The same words again would be the same attempt again, on another parent.
    let said = Set(own.map(\.trial.hypothesis))
    return ideas.filter { !said.contains(String($0.hypothesis.prefix(1500))) }
  }

  private func repairDepth(_ trial: TrialKnowledge, _ own: [Evidence.Account]) -> Int {
    var depth = 0
    var current = trial
    while current.motive.hasPrefix("repair."), depth < 8,
      let cited = citedTrial(current.hypothesis),
      let next = own.first(where: { $0.trial.number == cited })?.trial,
      next.number < current.number
    {
      depth += 1
      current = next
    }
    return depth
  }

  private func citedTrial(_ text: String) -> Int? {
    guard let range = text.range(of: "epairs trial ") else { return nil }
    return Int(text[range.upperBound...].prefix { $0.isNumber })
  }

  // Size

  private func shrinking(_ failed: Evidence.Account, _ desk: Desk) async throws(AgentError) -> [Idea] {
    let usage = failed.trial.usage
    let limit = usage.artifactLimit > 0 ? usage.artifactLimit : desk.state.task.caps.artifactBytes
    let ratio = usage.artifactBytes > 0 && limit > 0 ? max(usage.artifactBytes / limit, 1.001) : 1.3
    let lead = "Repairs trial \(failed.trial.number): size_blocked by \(percent(ratio - 1))"
    var ideas = try await between(
      failed, desk, lead: lead, motive: "repair.size",
      parentAmount: desk.trials[failed.trial.parent]?.usage.artifactBytes, failedAmount: usage.artifactBytes,
      target: limit * 0.97, concerning: { $0.artifact != 0 })
    ideas += try await reducing(
      failed, desk, lead: lead, motive: "repair.size", ratio: ratio * 1.03, effect: { $0.artifact },
      power: { $0.tag == "width" ? 1.5 : 1 }, verb: "shrink the artifact")
    return ideas
  }

  // Time

  private func cutting(_ failed: Evidence.Account, _ desk: Desk) async throws(AgentError) -> [Idea] {
    let usage = failed.trial.usage
    let training = failed.trial.outcome == .trainBudgetOverrun
    let caps = desk.state.task.caps
    let used = training ? usage.trainSeconds : usage.predictSeconds
    var limit = training ? usage.trainLimit : usage.predictLimit
    if limit <= 0 { limit = training ? caps.trainSeconds : caps.predictSeconds }
    // A trial that was stopped at its limit would have gone on, for nobody knows how long.
    let measured = used > 0 && limit > 0 ? used / limit : 1.5
    let ratio = max(measured, 1.25)
    let label = failed.trial.outcome?.rawValue ?? ""
    let lead = "Repairs trial \(failed.trial.number): \(label) by \(percent(max(measured - 1, 0.01)))"
    let parent = desk.trials[failed.trial.parent]?.usage
    var ideas = try await between(
      failed, desk, lead: lead, motive: training ? "repair.train" : "repair.eval",
      parentAmount: training ? parent?.trainSeconds : parent?.predictSeconds,
      failedAmount: max(used, limit * 1.25),
      target: limit * 0.9, concerning: { $0.work != 0 })
    ideas += try await reducing(
      failed, desk, lead: lead, motive: training ? "repair.train" : "repair.eval", ratio: ratio * 1.1,
      effect: { $0.work }, power: { $0.tag == "width" ? 1.5 : 1 }, verb: "cut the work")
    return ideas
  }

  // Gate

  private func yielding(_ failed: Evidence.Account, _ desk: Desk) async throws(AgentError) -> [Idea] {
    // Where the score is not a time, nothing was saved that could be traded back: only a direction that has
    // paid before is worth a second look.
    guard
      desk.evidence.metric.measuresTime
        || failed.steps.contains(where: { desk.evidence.favour(key: $0.key, direction: $0.direction) > 0.5 })
    else { return [] }
    let lead = "Repairs trial \(failed.trial.number): disqualified, it missed a gate"
    var ideas = try await between(
      failed, desk, lead: lead, motive: "repair.gate", parentAmount: nil, failedAmount: 0, target: 0)
    ideas += try await compensating(failed, desk, lead: lead)
    // No number to go back half-way: keep the edit and give it more work to reach the gate with.
    ideas += try await reducing(
      failed, desk, lead: lead, motive: "repair.gate", ratio: 1 / 1.5, effect: { $0.work }, power: { _ in 1 },
      verb: "trade speed back for quality", more: true)
    return ideas
  }

  /// Keeps the edit that missed the gate and adds another that promises quality.
  private func compensating(
    _ failed: Evidence.Account, _ desk: Desk, lead: String
  ) async throws(AgentError) -> [Idea] {
    guard let recipe = failed.trial.recipe else { return [] }
    let survey = try await reader.survey(recipe, scope: desk.state.task.scope)
    let kinds: Set<String> = [
      "optimizer", "schedule", "averaging", "constant.rate", "constant.memory", "activation", "init",
    ]
    var generator = desk.generator
    var ideas: [Idea] = []
    var offered = survey.candidates.filter { candidate in
      kinds.contains(candidate.operator) && candidate.work <= 0
        && !failed.steps.contains(where: { $0.key == candidate.key })
    }
    while ideas.count < 2, !offered.isEmpty {
      let weights = offered.map { candidate in
        let direction = candidate.direction == "up" ? 1 : candidate.direction == "down" ? -1 : 0
        return candidate.prior * candidate.prior
          * desk.evidence.favour(key: candidate.key, direction: direction)
      }
      guard let index = generator.weighted(weights) else { break }
      let candidate = offered.remove(at: index)
      guard let changed = rewriting(recipe, [candidate]),
        let idea = onto(
          failed, changed, desk,
          hypothesis: "\(lead); keeps what it saved and adds \(candidate.title) to win the quality back"
            + (candidate.why.isEmpty ? "." : ": \(candidate.why)."), motive: "repair.gate")
      else { continue }
      ideas.append(idea)
    }
    return ideas
  }

  // Crash

  private func mending(_ failed: Evidence.Account, _ desk: Desk) async throws(AgentError) -> [Idea] {
    guard let recipe = failed.trial.recipe, let parent = desk.recipe(of: failed.trial.parent) else {
      return []
    }
    let story = failed.trial.log + "\n" + failed.trial.reason
    let lead = "Repairs trial \(failed.trial.number): \(failed.trial.outcome?.rawValue ?? "crash")"
    var ideas: [Idea] = []
    if let name = firstMatch(#"name '([A-Za-z_]\w*)' is not defined"#, story) {
      ideas += importing(name, failed, recipe, desk, lead: lead)
    }
    let numeric = failed.steps.filter { $0.old.number != nil && $0.new.number != nil }
    let shapes = [
      "divisible", "reshape", "shape", "broadcast", "multiple of", "divide", "size mismatch", "dimension",
    ]
    if numeric.count == 1, let step = numeric.first, shapes.contains(where: story.lowercased().contains) {
      ideas += try await divisible(step, failed, recipe, desk, lead: lead)
    }
    // What the traceback points at goes first, then half-way values, then the other hunks.
    let reverts = reverting(failed, recipe, parent, desk, story: story, lead: lead)
    ideas += reverts.filter(\.blamed).map(\.idea)
    if numeric.count == 1 {
      ideas += try await between(
        failed, desk, lead: lead, motive: "repair.crash", parentAmount: nil, failedAmount: 0, target: 0)
    }
    ideas += reverts.filter { !$0.blamed }.map(\.idea)
    let diverged = ["nan", "not a number", "overflow", "diverge", "finite", "inf"]
    if diverged.contains(where: story.lowercased().contains) {
      ideas += try await reducing(
        failed, desk, lead: lead + " (numbers ran away)", motive: "repair.crash", ratio: 3,
        effect: { $0.tag == "rate" ? ($0.direction == "up" ? 1 : -1) : 0 }, power: { _ in 1 },
        verb: "calm the steps")
    }
    return ideas
  }

  private func importing(
    _ name: String, _ failed: Evidence.Account, _ recipe: RecipeTree, _ desk: Desk, lead: String
  ) -> [Idea] {
    let modules = [
      "math": "import math", "random": "import random", "np": "import numpy as np", "numpy": "import numpy",
      "jnp": "import jax.numpy as jnp", "jax": "import jax", "optax": "import optax", "torch": "import torch",
      "F": "import torch.nn.functional as F", "nn": "import torch.nn as nn", "functools": "import functools",
      "itertools": "import itertools", "time": "import time", "os": "import os", "re": "import re",
      "collections": "import collections", "partial": "from functools import partial", "copy": "import copy",
    ]
    guard let line = modules[name] else { return [] }
    return failed.sections.compactMap { edited in
      let ranges = RecipeReader.ranges(of: recipe, scope: desk.state.task.scope)[edited.path] ?? []
      guard let range = ranges.first(where: { $0.section == edited.section }), var bytes = recipe[edited.path]
      else {
        return nil
      }
      bytes.insert(contentsOf: Array((line + "\n").utf8), at: range.bytes.lowerBound)
      guard let mended = try? recipe.setting(edited.path, to: bytes) else { return nil }
      return onto(
        failed, mended, desk, hypothesis: "\(lead) because the name \(name) was not defined; adds `\(line)`.",
        motive: "repair.crash")
    }.prefix(1).map { $0 }
  }

  private func divisible(
    _ step: Evidence.Step, _ failed: Evidence.Account, _ recipe: RecipeTree, _ desk: Desk, lead: String
  ) async throws(AgentError) -> [Idea] {
    guard let old = step.old.number, let new = step.new.number, old == old.rounded(), new == new.rounded(),
      old > 0
    else { return [] }
    let values =
      new > old ? [old * 2, old * 3, old * 4] : [(old / 2).rounded(.down), (old / 4).rounded(.down)]
    var ideas: [Idea] = []
    for value in values where value >= 1 && value != new && value != old {
      guard let mended = try await setting(step.key, to: value, in: recipe, desk) else { continue }
      ideas.append(
        contentsOf: [
          onto(
            failed, mended, desk,
            hypothesis:
              "\(lead): \(step.new.shown) does not fit the shapes of the recipe; a multiple or divisor of "
              + "the old value does (\(name(of: step.key)) \(step.old.shown) -> \(numberText(value))).",
            motive: "repair.crash")
        ].compactMap { $0 })
    }
    return ideas
  }

  /// Takes back the hunk that the traceback points at, or the last of several.
  private func reverting(
    _ failed: Evidence.Account, _ recipe: RecipeTree, _ parent: RecipeTree, _ desk: Desk, story: String,
    lead: String,
    motive: String = "repair.crash"
  ) -> [(blamed: Bool, idea: Idea)] {
    guard let diff = try? UnifiedDiff.make(from: parent, to: recipe) else { return [] }
    let count = diff.files.reduce(0) { $0 + $1.hunks.count }
    guard count > 1 else { return [] }
    var ideas: [(blamed: Bool, idea: Idea)] = []
    for fileIndex in diff.files.indices.reversed() {
      let file = diff.files[fileIndex]
      let lines = tracebackLines(of: file.path, in: story)
      for hunkIndex in file.hunks.indices.reversed() {
        let hunk = file.hunks[hunkIndex]
        let blamed = lines.contains { $0 >= hunk.newStart && $0 < hunk.newStart + hunk.newCount }
        var kept = diff
        kept.files[fileIndex].hunks.remove(at: hunkIndex)
        if kept.files[fileIndex].hunks.isEmpty { kept.files.remove(at: fileIndex) }
        guard let mended = try? kept.apply(to: parent),
          let idea = onto(
            failed, mended, desk,
            hypothesis:
              "\(lead)\(blamed ? ", the traceback points at its edit of" : "; takes back its edit at") "
              + "line \(hunk.newStart) of \(file.path), and keeps the others.",
            motive: motive)
        else { continue }
        ideas.append((blamed, idea))
      }
    }
    return ideas
  }

  private func tracebackLines(of path: String, in story: String) -> [Int] {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let pattern = "\(NSRegularExpression.escapedPattern(for: name))\"?,? line (\\d+)"
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
    let text = story as NSString
    return expression.matches(in: story, range: NSRange(location: 0, length: text.length)).compactMap {
      Int(text.substring(with: $0.range(at: 1)))
    }
  }

  private func firstMatch(_ pattern: String, _ story: String) -> String? {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return nil }
    let text = story as NSString
    guard let match = expression.matches(in: story, range: NSRange(location: 0, length: text.length)).last
    else {
      return nil
    }
    return text.substring(with: match.range(at: 1))
  }

  // What the kinds share

  /// Goes part of the way back to the parent's value: by interpolation where amounts are known, else
  /// half-way.
  private func between(
    _ failed: Evidence.Account, _ desk: Desk, lead: String, motive: String, parentAmount: Double?,
    failedAmount: Double, target: Double, concerning: ((Candidate) -> Bool)? = nil
  ) async throws(AgentError) -> [Idea] {
    guard let recipe = failed.trial.recipe else { return [] }
    var ideas: [Idea] = []
    var steps = failed.steps
    if let concerning, steps.count > 1 {
      // Of several changes only those that can have moved the amount.
      let survey = try await reader.survey(recipe, scope: desk.state.task.scope)
      let keys = Set(survey.candidates.filter(concerning).map(\.key))
      steps.removeAll { !keys.contains($0.key) }
    }
    for step in steps {
      guard let old = step.old.number, let new = step.new.number, old != new else { continue }
      var share = 0.5
      if let parentAmount, parentAmount > 0, failedAmount > parentAmount {
        // The parent itself may be over the limit; then this edit is not the cause.
        guard parentAmount < target else { continue }
        share = min(0.9, max(0.1, (target - parentAmount) / (failedAmount - parentAmount)))
      }
      let wide = old > 0 && new > 0 && max(old / new, new / old) > 1.8
      var value = wide ? old * pow(new / old, share) : old + (new - old) * share
      if old == old.rounded(), new == new.rounded() {
        var unit = 1.0
        while unit < 64, old.truncatingRemainder(dividingBy: unit * 2) == 0,
          new.truncatingRemainder(dividingBy: unit * 2) == 0
        { unit *= 2 }
        if unit > abs(value - old) { unit = max(1, unit / 2) }
        value = (value / unit).rounded(.toNearestOrEven) * unit
      } else {
        value = Double("\(String(format: "%.3g", value))") ?? value
      }
      guard value != old, value != new, let mended = try await setting(step.key, to: value, in: recipe, desk),
        let idea = onto(
          failed, mended, desk,
          hypothesis:
            "\(lead); goes part of the way: \(name(of: step.key)) \(step.old.shown) -> \(numberText(value)) "
            + "instead of \(step.new.shown).", motive: motive)
      else { continue }
      ideas.append(idea)
    }
    return ideas
  }

  /// Keeps the failed edit and moves another constant of the partition by the margin.
  private func reducing(
    _ failed: Evidence.Account, _ desk: Desk, lead: String, motive: String, ratio: Double,
    effect: (Candidate) -> Int, power: (Candidate) -> Double, verb: String, more: Bool = false
  ) async throws(AgentError) -> [Idea] {
    guard let recipe = failed.trial.recipe else { return [] }
    let survey = try await reader.survey(recipe, scope: desk.state.task.scope)
    var ideas: [(rank: Double, idea: Idea)] = []
    for candidate in survey.candidates where effect(candidate) == (more ? 1 : -1) {
      guard let old = Double(candidate.old), let new = Double(candidate.new), old > 0, new > 0,
        let changed = rewriting(recipe, [candidate]),
        !failed.steps.contains(where: { $0.key == candidate.key && $0.old.number == new })
      else { continue }
      // How near the move comes to what is needed; falling short counts double.
      let reached = pow(old / new, power(candidate))
      let short = log(reached / ratio)
      let touched = failed.steps.contains { $0.key == candidate.key } ? 0.2 : 0
      let rank = (more ? abs(short) : (short < 0 ? -2 * short : short)) - touched
      guard
        let idea = onto(
          failed, changed, desk,
          hypothesis: "\(lead); keeps its idea and moves \(candidate.title) to \(verb) about as much.",
          motive: motive)
      else { continue }
      ideas.append((rank, idea))
    }
    return ideas.sorted { $0.rank < $1.rank }.prefix(4).map(\.idea)
  }

  /// A mended recipe on the incumbent where the two merge, else on the failed trial's own parent.
  private func onto(
    _ failed: Evidence.Account, _ mended: RecipeTree, _ desk: Desk, hypothesis: String, motive: String
  ) -> Idea? {
    guard let parent = desk.recipe(of: failed.trial.parent), mended != parent else { return nil }
    let gain = 2 * desk.evidence.metric.scale
    if failed.trial.parent != desk.parent,
      case .merged(let merged) = ThreeWayMerge.merge(base: parent, ours: desk.recipe, theirs: mended)
    {
      return Idea(
        parent: desk.parent, recipe: merged, hypothesis: hypothesis, expectedGain: gain, motive: motive,
        notes: "from trial \(failed.trial.number), now on trial \(desk.parent)")
    }
    return Idea(
      parent: failed.trial.parent, recipe: mended, hypothesis: hypothesis, expectedGain: gain, motive: motive,
      notes: "from trial \(failed.trial.number)")
  }

  /// The recipe with another value for a named constant; nil where it may not be edited there.
  private func setting(
    _ key: String, to value: Double, in recipe: RecipeTree, _ desk: Desk
  ) async throws(AgentError) -> RecipeTree? {
    let survey = try await reader.survey(recipe, scope: desk.state.task.scope)
    guard let place = survey.places[key], var bytes = recipe[place.path], place.start < place.end,
      place.end <= bytes.count
    else { return nil }
    let text = place.integer && value == value.rounded() ? numberText(value) : "\(value)"
    bytes.replaceSubrange(place.start..<place.end, with: Array(text.utf8))
    return try? recipe.setting(place.path, to: bytes)
  }

  private func name(of key: String) -> String { key.split(separator: ":").last.map(String.init) ?? key }

  private func percent(_ share: Double) -> String {
    share < 0.01 ? "less than 1 %" : "\(Int((share * 100).rounded())) %"
  }
}
