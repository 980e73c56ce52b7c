import AssayPatch
import Testing

@testable import AssayAgent

/// What becomes of failures. Each test asks with many seeds, as a repair is one of several things to do next.
@Suite struct RepairTests {
  private func repairs(
    _ task: TaskKnowledge, _ trials: [TrialKnowledge], incumbent: Int = 0, motive: String
  ) async throws -> [RecipeProposal] {
    let reader = try RecipeReader()
    var found: [RecipeProposal] = []
    for seed in 0..<12 {
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, trials, incumbent: incumbent, iteration: trials.count))
      if proposal.motive == motive { found.append(proposal) }
    }
    return found
  }

  private func value(_ name: String, _ proposal: RecipeProposal) throws -> Double {
    let text = try #require(proposal.recipe.text("recipe.py"))
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " = ") })
    return try #require(Double(line.dropFirst(name.count + 3)))
  }

  @Test func aSizeFailureShrinksByTheMargin() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .sizeBlocked,
      recipe: try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 128"), motive: "mutate.constant.width",
      usage: .init(artifactBytes: 150_000, artifactLimit: 100_000, trainSeconds: 8, trainLimit: 10))
    let found = try await repairs(task, [failed], motive: "repair.size")
    #expect(found.count >= 3)
    for proposal in found {
      #expect(proposal.hypothesis.contains("Repairs trial 1: size_blocked by 50 %"))
      let width = try value("WIDTH", proposal)
      #expect(width > 64 && width < 128)
    }
  }

  @Test func onlyWhatMovesTheSizeIsTakenBack() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let wide = try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 128")
    let text = try #require(wide.text("recipe.py")).replacing("x * 0.5", with: "x * 0.25")
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .sizeBlocked,
      recipe: try Fixtures.tree(["recipe.py": text]), motive: "mutate.constant.width+constant.number",
      usage: .init(artifactBytes: 150_000, artifactLimit: 100_000))
    let found = try await repairs(task, [failed], motive: "repair.size")
    #expect(!found.isEmpty)
    for proposal in found {
      #expect(try value("WIDTH", proposal) < 128)
      #expect(try #require(proposal.recipe.text("recipe.py")).contains("x * 0.25"))
    }
  }

  @Test func anOverrunCutsWork() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .trainBudgetOverrun,
      recipe: try Fixtures.edited(task, "STEPS = 100", "STEPS = 300"), motive: "mutate.constant.steps",
      usage: .init(trainSeconds: 10, trainLimit: 10))
    let found = try await repairs(task, [failed], motive: "repair.train")
    #expect(found.count >= 3)
    for proposal in found {
      #expect(proposal.hypothesis.contains("train_budget_overrun"))
      #expect(try value("STEPS", proposal) < 300)
    }
  }

  @Test func anEvaluationOverrunIsItsOwnRepair() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .evalBudgetOverrun,
      recipe: try Fixtures.edited(task, "LAYERS = 2", "LAYERS = 8"), motive: "mutate.constant.depth",
      usage: .init(predictSeconds: 7, predictLimit: 5))
    let found = try await repairs(task, [failed], motive: "repair.eval")
    #expect(found.count >= 3)
    for proposal in found { #expect(try value("LAYERS", proposal) < 8) }
  }

  @Test func aMissedGateGoesPartOfTheWayBack() async throws {
    let task = try Fixtures.task(Fixtures.sectioned, name: "train seconds")
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .disqualified,
      recipe: try Fixtures.edited(task, "STEPS = 100", "STEPS = 40"), motive: "mutate.constant.steps",
      reason: "accuracy 0.85, the gate is 0.87")
    let found = try await repairs(task, [failed], motive: "repair.gate")
    #expect(found.count >= 3)
    for proposal in found {
      let steps = try value("STEPS", proposal)
      #expect(steps > 40 && steps < 100)
    }
  }

  @Test func aMissingNameIsImported() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .crash,
      recipe: try Fixtures.edited(task, "return x\n", "return math.tanh(x)\n"), motive: "mutate.activation",
      log: "Traceback (most recent call last):\n  File \"/recipe/recipe.py\", line 11, in forward\n"
        + "NameError: name 'math' is not defined")
    let found = try await repairs(task, [failed], motive: "repair.crash")
    #expect(found.count >= 3)
    for proposal in found {
      let text = try #require(proposal.recipe.text("recipe.py"))
      #expect(text.contains("import math\n") && text.contains("math.tanh(x)"))
    }
  }

  @Test func theHunkThatTheTracebackNamesIsTakenBack() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let first = try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 96")
    let text = try #require(first.text("recipe.py")).replacing(
      "for step in range(STEPS):", with: "for step in range(STEPS / 2):")
    let both = try Fixtures.tree(["recipe.py": text])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let blamed = try #require(lines.firstIndex { $0.contains("STEPS / 2") }) + 1
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .crash, recipe: both, motive: "mutate.statement",
      log:
        "  File \"/recipe/recipe.py\", line \(blamed), in train\nTypeError: bad"
    )
    let found = try await repairs(task, [failed], motive: "repair.crash")
    let reverted = found.filter { $0.hypothesis.contains("the traceback points at") }
    #expect(!reverted.isEmpty)
    for proposal in reverted {
      let mended = try #require(proposal.recipe.text("recipe.py"))
      #expect(mended.contains("WIDTH = 96") && !mended.contains("STEPS / 2"))
    }
  }

  @Test func aRepairIsCarriedOntoTheIncumbent() async throws {
    let task = try Fixtures.task(
      Fixtures.sectioned, scope: EditScope(files: ["recipe.py": .sections(["model"])]))
    let failed = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .sizeBlocked,
      recipe: try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 128"), motive: "mutate.constant.width",
      usage: .init(artifactBytes: 150_000, artifactLimit: 100_000))
    let kept = TrialKnowledge(
      number: 2, specialist: "other", parent: 0, outcome: .keep, score: 0.5,
      recipe: try Fixtures.edited(task, "LR = 0.001", "LR = 0.004"), motive: "mutate.constant.rate")
    let found = try await repairs(task, [failed, kept], incumbent: 2, motive: "repair.size")
    #expect(!found.isEmpty)
    for proposal in found {
      #expect(proposal.parent == 2)
      #expect(try #require(proposal.recipe.text("recipe.py")).contains("LR = 0.004"))
    }
  }

  @Test func illegalRecipesAndOurOwnFailuresAreNotRepaired() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let recipe = try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 128")
    for outcome in [TrialOutcome.illegal, .harnessAbort] {
      let trial = TrialKnowledge(number: 1, specialist: "opt", parent: 0, outcome: outcome, recipe: recipe)
      let reader = try RecipeReader()
      for seed in 0..<8 {
        let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
          Fixtures.state(task, [trial]))
        #expect(!proposal.motive.hasPrefix("repair."))
      }
    }
  }
}
