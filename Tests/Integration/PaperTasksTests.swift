import Foundation
import Testing

/// The three tasks of the paper, at the scale of a few seconds.
@Suite(.serialized, .tags(.slow)) struct PaperTasksTests {
  static let tasks = ["parameter-golf", "nanochat-d12", "cifar10-airbench96"]

  @Test(.timeLimit(.minutes(3)), arguments: tasks) func aSmokeProfileRuns(task: String) async throws {
    var run = Run()
    run.task = task + "@smoke"
    let ended = try await run.start("--trials", "3", "--max-time", "90s").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trials = try await run.trials()
    #expect(trials.first?["label"] as? String == "baseline")
    #expect(trials.first?["score"] is String || trials.first?["score"] is Double, "\(trials)")
    #expect(trials.count == 4)
    #expect(!trials.contains { ["in_flight", "harness_abort"].contains($0["label"] as? String ?? "") })
    let status = try #require(try await run.ask("status").rows.first)
    #expect("\(status)".contains("\(task)-smoke"), "a smoke score is told from a full one by its task")
  }

  /// Learning from one window for another, and reading ahead, end in no score.
  @Test(
    .timeLimit(.minutes(3)),
    arguments: [
      "np.roll(windows, -1, axis=1)",
      "np.full_like(windows, np.bincount(windows.ravel()).argmax())",
    ])
  func whatMayNotBeKnownShows(guess: String) async throws {
    let old = "    return adapt(log_probs, windows)\n"
    let new = "    return mix(log_probs, \(guess))\n"
    let copy = FileManager.default.temporaryDirectory.appending(path: "golf-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Program.repository.appending(path: "tasks/parameter-golf"), to: copy)
    let entry = copy.appending(path: "standin/entry.py")
    let text = try String(contentsOf: entry, encoding: .utf8)
    try #require(text.contains(old))
    let helper = """


      def mix(log_probs, guess):
          share = np.exp(log_probs) * 0.5
          np.put_along_axis(share, guess[..., None], np.take_along_axis(share, guess[..., None], axis=-1) + 0.5, axis=-1)
          return np.log(share)

      """
    try (text.replacing(old, with: new) + helper).write(to: entry, atomically: true, encoding: .utf8)
    var run = Run()
    run.task = copy.path + "@smoke"
    let ended = try await run.start("--trials", "1", "--max-time", "60s").ended()
    #expect(ended.status != 0)
    #expect("\(ended.output)\(ended.errors)".contains("causality"), "\(ended.errors)")
  }

  private static func golf(_ file: String, _ old: String, _ new: String) throws -> String {
    try copy(of: "parameter-golf", file, old, new)
  }

  /// A copy of the task whose file was changed.
  private static func copy(of task: String, _ file: String, _ old: String, _ new: String) throws -> String {
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(task)-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Program.repository.appending(path: "tasks/\(task)"), to: copy)
    let place = copy.appending(path: file)
    let text = try String(contentsOf: place, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(to: place, atomically: true, encoding: .utf8)
    return copy.path
  }

  /// Which of two equal options has the lower loss is the order's affair, and says nothing of what the recipe looked at.
  @Test(.timeLimit(.minutes(3))) func optionsOfTheSameTokensAreOneAnswer() async throws {
    let prepare = "\n    digest = hashlib.sha256()\n"
    var run = Run()
    run.task =
      try Self.copy(
        of: "nanochat-d12", "data/prepare.py", prepare,
        """

            with open(os.path.join(out, "heldout", "tasks.json")) as file:
                whole = json.load(file)
            for item in whole["tasks"][1]["items"]:
                item["options"] = [item["options"][item["gold"]]] * 2
            with open(os.path.join(out, "heldout", "tasks.json"), "w") as file:
                json.dump(whole, file)
            return

        """ + prepare) + "@smoke"
    let ended = try await run.start("--trials", "1", "--max-time", "60s").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try await run.trials().first?["label"] as? String == "baseline")
  }

  /// The probes of the profile without revealing let honest adaptation inside a window pass.
  @Test(.timeLimit(.minutes(3))) func adaptationInsideAWindowPasses() async throws {
    var run = Run()
    run.task = try Self.golf("standin/entry.py", "ADAPT = 0.0", "ADAPT = 0.05") + "@smoke"
    let ended = try await run.start("--trials", "1", "--max-time", "60s").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try await run.trials().first?["label"] as? String == "baseline")
  }

  private static func score(_ task: String) async throws -> Double {
    var run = Run()
    run.task = task
    let ended = try await run.start("--trials", "1", "--max-time", "60s").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let first = try #require(try await run.trials().first)
    return try #require(
      (first["score"] as? Double) ?? (first["score"] as? String).flatMap(Double.init), "\(first)")
  }

  /// Learning from all that was revealed is allowed, and pays, where each token is predicted before it is revealed.
  @Test(.timeLimit(.minutes(3))) func testTimeTrainingOnWhatWasRevealedGains() async throws {
    let plain = try await Self.score("parameter-golf@smoke-ttt")
    let adapted = try await Self.score(
      try Self.golf("standin-ttt/entry.py", "PSEUDO = 0.0", "PSEUDO = 8.0") + "@smoke-ttt")
    #expect(adapted < plain - 0.02, "\(adapted) is not better than \(plain)")
  }

  /// Every way of saying too much, too little or nonsense ends in no score, with a reason.
  @Test(
    .timeLimit(.minutes(3)),
    arguments: [
      ("os.write(0, bytes(2 * log_probs.size)) and None", "sent more than was asked for"),
      ("raise SystemExit(0)", "ended before it had replied"),
      ("log_probs.fill(np.nan)", "not finite"),
      ("log_probs += 0.5", "normalisation"),
    ])
  func whatBreaksTheProtocolHasNoScore(code: String, reason: String) async throws {
    var run = Run()
    run.task =
      try Self.golf(
        "standin-ttt/entry.py", "    if PSEUDO == 0:\n        return log_probs\n",
        "    \(code)\n    return log_probs\n")
      + "@smoke-ttt"
    let ended = try await run.start("--trials", "1", "--max-time", "60s").ended()
    #expect(ended.status != 0)
    #expect("\(ended.output)\(ended.errors)".contains(reason), "\(ended.output)\(ended.errors)")
  }

  @Test func aFullProfileSaysWhatItLacks() async throws {
    for task in Self.tasks {
      let checked = try await Program.assay("task", "check", task)
      #expect(checked.status == 0, "\(checked.output)")
      #expect(checked.output.contains("fetches them at commit"))
      var run = Run()
      run.task = task + "@full"
      let ended = try await run.start("--trials", "1").ended()
      #expect(ended.status == 2)
      #expect(ended.errors.contains("run 'assay task prepare"), "\(ended.errors)")
    }
    let unknown = try await Program.assay("task", "check", "parameter-golf@huge")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("has no profile 'huge'"))
  }
}
