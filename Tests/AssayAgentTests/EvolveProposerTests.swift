import AssayPatch
import Testing

@testable import AssayAgent

@Suite struct EvolveProposerTests {
  @Test func sameStateAndSeedGiveTheSameProposal() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let state = Fixtures.state(task, [])
    let one = try await EvolveProposer(reader: try RecipeReader(), seed: 7).propose(state)
    let again = try await EvolveProposer(reader: try RecipeReader(), seed: 7).propose(state)
    #expect(one == again)
    var others: Set<RecipeTree> = []
    let reader = try RecipeReader()
    for seed in 0..<12 {
      others.insert(try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(state).recipe)
    }
    #expect(others.count > 3)
  }

  @Test("whoever is cancelled while it searches ends, and has no proposal")
  func cancelled() async throws {
    let (task, reader) = (try Fixtures.task(Fixtures.sectioned), try RecipeReader())
    let code = await withTaskGroup(of: AgentError.Code?.self) { group in
      group.cancelAll()
      group.addTask {
        do throws(AgentError) {
          _ = try await EvolveProposer(reader: reader, seed: 7).propose(Fixtures.state(task, []))
          return nil
        } catch {
          return error.code
        }
      }
      return await group.next() ?? nil
    }
    #expect(code == .cancelled)
  }

  @Test(arguments: [("torch", Fixtures.torch), ("numpy", Fixtures.numpy), ("weird", Fixtures.weird)])
  func unseenRecipesGetManyDistinctValidEdits(_ name: String, _ text: String) async throws {
    let task = try Fixtures.task(text)
    let reader = try RecipeReader()
    var state = Fixtures.state(task)
    var digests: Set<String> = [try await reader.inspect([task.baseline])[0].digest]
    var motives: Set<String> = []
    for iteration in 0..<36 {
      state.iteration = iteration
      let proposal = try await EvolveProposer(reader: reader, seed: 3).propose(state)
      let inspection = try await reader.inspect([proposal.recipe])[0]
      #expect(inspection.ok, "\(name): \(proposal.hypothesis)")
      #expect(digests.insert(inspection.digest).inserted, "\(name) again: \(proposal.hypothesis)")
      #expect(EditScope.check(before: task.baseline, after: proposal.recipe, allowed: task.scope).isEmpty)
      #expect(!proposal.hypothesis.isEmpty)
      motives.insert(proposal.motive)
      state.proposed.append(proposal.recipe)
    }
    #expect(motives.count >= 5, "\(name): \(motives.sorted())")
  }

  @Test func proposalsStayInsideTheSections() async throws {
    let reader = try RecipeReader()
    for sections in [["model"], ["optimiser"], ["training", "optimiser"], ["preamble"]] as [Set<String>] {
      let scope = EditScope(files: ["recipe.py": .sections(sections)])
      let task = try Fixtures.task(Fixtures.sectioned, scope: scope)
      var state = Fixtures.state(task)
      for iteration in 0..<8 {
        state.iteration = iteration
        let proposal: RecipeProposal
        do {
          proposal = try await EvolveProposer(reader: reader, seed: 11).propose(state)
        } catch {
          // A section of imports alone holds nothing to edit, which is said and not papered over.
          #expect(sections == ["preamble"] && [.nothingToEdit, .exhausted].contains(error.code))
          break
        }
        #expect(EditScope.check(before: task.baseline, after: proposal.recipe, allowed: scope).isEmpty)
        state.proposed.append(proposal.recipe)
      }
    }
  }

  @Test func severalFilesAreEditedWhereAllowed() async throws {
    let tree = try Fixtures.tree([
      "model/net.py": "WIDTH = 32\n\n\ndef net(x):\n    return x * WIDTH\n",
      "train.py": "LR = 0.1\nEPOCHS = 4\n",
      "notes.txt": "LR = 3\n",
    ])
    var task = try Fixtures.task(
      "X = 1\n", scope: EditScope(files: ["model/net.py": .whole, "train.py": .whole]))
    task.baseline = tree
    var state = Fixtures.state(task)
    let reader = try RecipeReader()
    var touched: Set<String> = []
    for iteration in 0..<14 {
      state.iteration = iteration
      let proposal = try await EvolveProposer(reader: reader, seed: 5).propose(state)
      for path in tree.paths where proposal.recipe[path] != tree[path] { touched.insert(path) }
      state.proposed.append(proposal.recipe)
    }
    #expect(touched == ["model/net.py", "train.py"])
  }

  @Test func nothingThatWasTriedIsProposedAgain() async throws {
    // Comments and layout do not make a recipe new.
    let text = "FLAG = False\n"
    let task = try Fixtures.task(text)
    let reader = try RecipeReader()
    let tried = try Fixtures.tree(["recipe.py": "# a comment\nFLAG  =  True\n"])
    let trial = TrialKnowledge(
      number: 1, specialist: "arch", parent: 0, outcome: nil, recipe: tried, motive: "mutate.flag")
    await #expect(throws: AgentError.self) {
      try await EvolveProposer(reader: reader, seed: 1).propose(Fixtures.state(task, [trial]))
    }
    let fresh = try await EvolveProposer(reader: reader, seed: 1).propose(Fixtures.state(task, []))
    #expect(fresh.recipe.text("recipe.py") == "FLAG = True\n")
  }

  @Test func whatIsInFlightElsewhereIsAvoided() async throws {
    let task = try Fixtures.task("LR = 0.1\n")
    let flying = TrialKnowledge(
      number: 1, specialist: "other", parent: 0, outcome: nil,
      recipe: try Fixtures.tree(["recipe.py": "LR = 0.2\n"]),
      motive: "mutate.constant.rate")
    let reader = try RecipeReader()
    var up = 0
    for seed in 0..<20 {
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, [flying]))
      let text = try #require(proposal.recipe.text("recipe.py"))
      if let value = Double(text.dropFirst(5).dropLast()), value > 0.1 { up += 1 }
    }
    #expect(up <= 4, "\(up) of 20 went the way of the trial in flight")
  }

  @Test func theDirectionThatPaidIsTriedFurther() async throws {
    let task = try Fixtures.task("LR = 0.1\n")
    let kept = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .keep, score: 0.8,
      recipe: try Fixtures.tree(["recipe.py": "LR = 0.2\n"]), motive: "mutate.constant.rate")
    let reader = try RecipeReader()
    var up = 0
    var cited = 0
    for seed in 0..<20 {
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, [kept], incumbent: 1))
      #expect(proposal.parent == 1)
      let text = try #require(proposal.recipe.text("recipe.py"))
      if let value = Double(text.dropFirst(5).dropLast()), value > 0.2 { up += 1 }
      if proposal.hypothesis.contains("in trial 1 gained 0.2") { cited += 1 }
    }
    #expect(up >= 14, "\(up) of 20 went on in the direction that paid")
    #expect(cited >= 14)
  }

  @Test func anOvertakenWinIsCarriedOntoTheIncumbent() async throws {
    let task = try Fixtures.task(
      Fixtures.sectioned, scope: EditScope(files: ["recipe.py": .sections(["optimiser"])]))
    let mine = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .discard, score: 0.9,
      recipe: try Fixtures.edited(task, "LR = 0.001", "LR = 0.004"), hypothesis: "more rate",
      motive: "mutate.constant.rate")
    let theirs = TrialKnowledge(
      number: 2, specialist: "arch", parent: 0, outcome: .keep, score: 0.7,
      recipe: try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 96"), motive: "mutate.constant.width")
    let reader = try RecipeReader()
    var carried: [RecipeProposal] = []
    for seed in 0..<6 {
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, [mine, theirs], incumbent: 2, iteration: 1))
      if proposal.motive == "recombine.rebase" { carried.append(proposal) }
    }
    #expect(carried.count >= 4)
    for proposal in carried {
      let text = try #require(proposal.recipe.text("recipe.py"))
      #expect(text.contains("LR = 0.004") && text.contains("WIDTH = 96"))
      #expect(proposal.parent == 2)
      #expect(proposal.hypothesis.contains("trial 1"))
    }
  }

  @Test func orphanedWinsComeFirst() async throws {
    let task = try Fixtures.task(
      Fixtures.sectioned, scope: EditScope(files: ["recipe.py": .sections(["optimiser"])]))
    let mine = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .keep, score: 0.99,
      recipe: try Fixtures.edited(task, "LR = 0.001", "LR = 0.004"), hypothesis: "more rate",
      motive: "mutate.constant.rate")
    let theirs = TrialKnowledge(
      number: 2, specialist: "arch", parent: 0, outcome: .keep, score: 0.7,
      recipe: try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 96"), motive: "mutate.constant.width")
    let reader = try RecipeReader()
    for seed in 0..<6 {
      // Small as the gain is: it was kept, so it is taken up whatever the draw.
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, [mine, theirs], incumbent: 2, iteration: 1))
      #expect(proposal.motive == "recombine.orphan")
      #expect(proposal.parent == 2)
      let text = try #require(proposal.recipe.text("recipe.py"))
      #expect(text.contains("LR = 0.004") && text.contains("WIDTH = 96"))
      #expect(proposal.hypothesis.contains("the best recipe lacks it"))
    }
    // Carried once, it is not carried again.
    let carried = TrialKnowledge(
      number: 3, specialist: "opt", parent: 2, outcome: .discard, score: 0.71,
      recipe: try Fixtures.edited(task, "LR = 0.001", "LR = 0.005"),
      hypothesis: "Carries trial 1 onto trial 2: ...", motive: "recombine.orphan")
    let next = try await EvolveProposer(reader: reader, seed: 1).propose(
      Fixtures.state(task, [mine, theirs, carried], incumbent: 2, iteration: 2))
    #expect(next.motive != "recombine.orphan")
  }

  @Test func nearWinsOfTwoSpecialistsAreJoinedOnTheOthersTrial() async throws {
    let task = try Fixtures.task(
      Fixtures.sectioned, scope: EditScope(files: ["recipe.py": .sections(["optimiser"])]))
    let mine = TrialKnowledge(
      number: 1, specialist: "opt", parent: 0, outcome: .discard, score: 0.985,
      recipe: try Fixtures.edited(task, "LR = 0.001", "LR = 0.004"), motive: "mutate.constant.rate")
    let theirs = TrialKnowledge(
      number: 2, specialist: "arch", parent: 0, outcome: .discard, score: 0.986,
      recipe: try Fixtures.edited(task, "WIDTH = 64", "WIDTH = 96"), motive: "mutate.constant.width")
    let reader = try RecipeReader()
    var joins = 0
    for seed in 0..<12 {
      let proposal = try await EvolveProposer(reader: reader, seed: UInt64(seed)).propose(
        Fixtures.state(task, [mine, theirs], iteration: 1))
      guard proposal.motive == "recombine.join" else { continue }
      joins += 1
      #expect(proposal.parent == 2)
      let text = try #require(proposal.recipe.text("recipe.py"))
      #expect(text.contains("LR = 0.004") && text.contains("WIDTH = 96"))
      #expect(
        EditScope.check(before: try #require(theirs.recipe), after: proposal.recipe, allowed: task.scope)
          .isEmpty)
    }
    #expect(joins >= 2)
  }

  @Test func withoutLineageTheBaselineIsTheParent() async throws {
    let task = try Fixtures.task(Fixtures.sectioned)
    let proposal = try await EvolveProposer(reader: try RecipeReader(), seed: 2).propose(Fixtures.state(task))
    #expect(proposal.parent == 0)
    #expect(!proposal.hypothesis.contains("trial"))
  }
}
