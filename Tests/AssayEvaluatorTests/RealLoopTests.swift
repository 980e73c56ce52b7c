import AssayMessages
import AssayPatch
import AssayRPC
import AssayRPCTesting
import AssayRunner
import AssaySandbox
import AssayServices
import AssayTask
import Foundation
import Logging
import Testing

@testable import AssayEvaluator

/// Whether this host can isolate untrusted code; says why not, once.
private let isolation: Bool = FileManager.default.isExecutableFile(atPath: "/usr/bin/bwrap")

@Suite(
  "Real recipes in a real sandbox", .enabled(if: isolation, "bubblewrap is not installed"),
  .timeLimit(.minutes(5)))
struct RealLoopTests {
  /// The recipe of tiny-regression with text put in front of the first line of its training.
  private func edit(_ bench: Bench, _ change: (String) -> String) throws -> [UInt8] {
    let tree = bench.owned.task.baseline
    let text = change(try #require(tree.text("recipe.py")))
    return try UnifiedDiff.make(from: tree, to: tree.setting("recipe.py", to: Array(text.utf8))).bytes
  }

  private func inTraining(_ code: String) -> (String) -> String {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
      separator: "\n")
    return {
      $0.replacingOccurrences(
        of: "    rng = random.Random(seed)\n", with: lines + "\n    rng = random.Random(seed)\n")
    }
  }

  @Test("forgeries get no benefit, and honest work beside them is kept")
  func forgeries() async throws {
    let sandbox = try await Sandbox.open()
    let bench = try await Bench(bundled: "tiny-regression", smallestEffect: "0.1", sandbox: sandbox)
    try await EvaluatorHarness.with(bench) { harness in
      var logger = Logger(label: "test-runner")
      logger.logLevel = .critical
      let runner = try Runner(
        jobs: harness.runner().client, sandbox: sandbox,
        configuration: RunnerConfiguration(
          name: "real", slots: 2, mounts: ["tiny-regression/data": bench.owned.prepared.train],
          state: URL(filePath: bench.folder + "/runner")), key: harness.key("runner/one"), logger: logger)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await runner.run() }
        try await forge(harness, bench)
        group.cancelAll()
      }
    }
  }

  private func forge(_ harness: EvaluatorHarness, _ bench: Bench) async throws {
    try await harness.openAccepting()
    let baseline = try #require(Double(try await harness.state().baselineScore))
    let attacks: [(String, LineageV1.VerdictLabel, String)] = [
      ("prints its score", .discard, "print('{\"metrics\": {\"mse\": \"0.0\"}}')\nprint('mse: 0.0')"),
      (
        "writes result files and overwrites what is around it", .discard,
        """
        import os
        for path in ("/out/result.json", "/out/metrics.json", "/out/judgement.json", "/out/predictions.bin", "/work/score.json",
                     "/harness/predict.py", "/harness/train.py", "/recipe/recipe.py", "/scorer/score.py", "/heldout/examples.bin"):
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as file:
                    file.write('{"metrics": {"mse": "0.0"}, "illegal": null, "malformed": null}')
            except OSError:
                pass
        """
      ),
      (
        "times itself", .trainBudgetOverrun,
        """
        import time
        time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
        print("train_time: 0.001")
        while True:
            pass
        """
      ),
      (
        "leaves a process behind that writes later", .discard,
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    time.sleep(0.05)
                    with open("/out/artifact.bin", "wb") as file:
                        file.write(b"forged")
            os._exit(0)
        """
      ),
    ]
    for (name, label, code) in attacks {
      let trial = try await harness.submit(try edit(bench, inTraining(code)), specialist: "opt")
      let verdict = try #require(try await harness.verdict(trial).verdict)
      #expect(verdict.label == label, "\(name): \(verdict.label) \(verdict.reason)")
      if let score = Double(verdict.score) {
        #expect(score > baseline * 0.7, "\(name) gained: \(score) of \(baseline)")
      }
    }
    let honest = try await harness.submit(
      try edit(bench) { $0.replacingOccurrences(of: "MOMENTUM = 0.0", with: "MOMENTUM = 0.9") },
      specialist: "opt")
    let kept = try #require(try await harness.verdict(honest).verdict)
    #expect(kept.label == .keep, "\(kept.reason)")
    #expect(kept.usage.allSatisfy { $0.cpuNs > 0 && $0.wallNs > 0 })
    let large = try await harness.submit(
      try edit(bench, inTraining("return bytes(300)")), specialist: "opt")
    let blocked = try #require(try await harness.verdict(large).verdict)
    #expect(blocked.label == .sizeBlocked)
    #expect(blocked.reason.contains("44 (17.2 %) over the cap of 256"), "\(blocked.reason)")
    let raising = try await harness.submit(
      try edit(bench, inTraining("raise ValueError('boom')")), specialist: "opt")
    let crash = try await harness.verdict(raising)
    #expect(crash.verdict?.label == .crash)
    #expect(crash.logExcerpt.contains("ValueError: boom"))
    let syntax = try await harness.submit(try edit(bench, inTraining("def :")), specialist: "opt")
    let refused = try #require(try await harness.verdict(syntax).verdict)
    #expect(refused.label == .preflightCrash)
    #expect(refused.reason.contains("recipe.py:"), "\(refused.reason)")
  }

  @Test("the scorer hands out inputs without answers, and judges what comes back")
  func scorer() async throws {
    let sandbox = try await Sandbox.open()
    let bench = try await Bench(bundled: "tiny-regression", smallestEffect: "0.1", sandbox: sandbox)
    let request = ScoringRequest(isSealed: false, nonce: "00ff")
    let inputs = try await bench.owned.scorer.inputs(request)
    #expect(inputs.keys.sorted() == ["a/inputs.bin", "b/inputs.bin"])
    // The canary: no answer of the held-out split is among what a recipe gets to see.
    let heldout = try [UInt8](Data(contentsOf: URL(filePath: bench.owned.prepared.heldout + "/examples.bin")))
    let given = Data(inputs.values.flatMap { $0 })
    var answers = 0
    for offset in stride(from: 8, to: heldout.count, by: 16) {
      let answer = Data(heldout[offset..<(offset + 8)])
      answers += 1
      #expect(given.range(of: answer) == nil)
    }
    #expect(answers == 200)

    // Predicting nothing but zero is honest and bad; too few bytes is malformed.
    let folder = bench.folder + "/judge"
    for (group, bytes) in [("a", 1600), ("b", 1600)] {
      for (kind, name, content) in [
        ("inputs", "inputs.bin", inputs["\(group)/inputs.bin"] ?? []),
        ("predictions", "predictions.bin", [UInt8](repeating: 0, count: bytes)),
      ] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(kind)/\(group)", withIntermediateDirectories: true)
        try Data(content).write(to: URL(filePath: "\(folder)/\(kind)/\(group)/\(name)"))
      }
    }
    let judgement = try await bench.owned.scorer.judge(request, folder: folder)
    #expect(Double(judgement.metrics["mse"] ?? "") ?? 0 > 0.1)
    #expect(judgement.illegal == nil)
    try Data([1, 2, 3]).write(to: URL(filePath: folder + "/predictions/a/predictions.bin"))
    #expect(try await bench.owned.scorer.judge(request, folder: folder).malformed != nil)
  }

  @Test(
    "hostile Python is parsed without harm",
    arguments: [
      ("x = 1\n", false), ("def :\n", true), (String(repeating: "(", count: 100_000), true),
      (String(repeating: "-", count: 200_000) + "1", true), ("x = \u{0}\n", true),
      ("# coding: rot13\nimport os\n", true),
    ])
  func syntax(text: String, isError: Bool) async throws {
    let sandbox = try await Sandbox.open()
    let bench = try await Bench(bundled: "tiny-regression", smallestEffect: "0.1", sandbox: sandbox)
    let inspection = try await bench.owned.scorer.inspect(
      RecipeTree(["recipe.py": Array(text.utf8)]), rules: .none)
    guard case .syntaxError(let message) = inspection else {
      #expect(!isError && inspection.isClean)
      return
    }
    #expect(isError, "\(message)")
    #expect(message.hasPrefix("recipe.py:"))
  }
}
