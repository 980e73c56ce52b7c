import AssayPatch
import Foundation
import Testing

/// Recipes that forge their results, submitted like any other, each beside the honest control. None may gain.
@Suite(.serialized, .tags(.slow)) struct ForgeryTests {
  static let recipe = Program.repository.appending(path: "tasks/tiny-regression/recipe/recipe.py")

  /// Puts `code` at the start of the function `train`.
  static func training(_ code: String, epochs: Int = 15) throws -> RecipeTree {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(
      separator: "\n")
    let text = try String(contentsOf: recipe, encoding: .utf8)
      .replacing(
        "def train(examples, seconds, seed):\n", with: "def train(examples, seconds, seed):\n\(lines)\n"
      )
      .replacing("EPOCHS = 15", with: "EPOCHS = \(epochs)")
    return try RecipeTree(["recipe.py": Array(text.utf8)])
  }

  static func submit(
    _ tree: RecipeTree, to run: Run, specialist: String = "opt", environment: [String: String] = [:]
  ) async throws -> [String: Any] {
    let baseline = try RecipeTree(["recipe.py": Array(try Data(contentsOf: recipe))])
    let patch = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).patch")
    try Data(try UnifiedDiff.make(from: baseline, to: tree).bytes).write(to: patch)
    let ended = try await Program.run(
      "assay",
      [
        "submit", run.task, "--edit", patch.path, "--specialist", specialist, "--hypothesis", "a test",
        "--parent", "0", "--state", run.state, "--json",
      ], environment: environment)
    #expect(ended.status == 0 || ended.status == 1, "\(ended.errors)")
    return try #require(ended.rows.last, "\(ended.errors)")
  }

  @Test func forgedResultsGainNothing() async throws {
    let run = Run(task: try TaskCopy.make([TaskCopy.steady]))
    defer { for path in [run.state, run.task] { try? FileManager.default.removeItem(atPath: path) } }
    for (name, code) in [
      (
        "prints a score",
        #"print('{"metrics": {"mse": "0.000001", "r2": "1.0"}, "illegal": null, "malformed": null}'); print("mse 0.0", flush=True)"#
      ),
      (
        "writes result files",
        """
        for path in ("/out/result.json", "/out/verdict.json", "/out/predictions.bin", "/work/score.json", "/tmp/result.json", "/inputs/a/inputs.bin"):
            try:
                open(path, "w").write('{"metrics": {"mse": "0.000001"}}')
            except OSError:
                pass
        """
      ),
      (
        "overwrites what is in its folders",
        """
        import os
        for root in ("/recipe", "/harness", "/data", "/usr/local"):
            for folder, _, files in os.walk(root):
                for name in files[:50]:
                    try:
                        open(os.path.join(folder, name), "w").write("raise SystemExit(0)")
                        print("overwrote", folder, name)
                    except OSError:
                        pass
        """
      ),
      (
        "stops its own clocks",
        """
        import time, os, resource
        time.time = time.process_time = time.perf_counter = time.monotonic = lambda: 0.0
        os.times = lambda: (0.0, 0.0, 0.0, 0.0, 0.0)
        resource.getrusage = lambda who: (0.0,) * 16
        """
      ),
      (
        "leaves a daemon that writes later",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for _ in range(400):
                    time.sleep(0.01)
                    open("/out/artifact.bin", "wb").write(b"\\0" * 32)
            os._exit(0)
        """
      ),
    ] {
      let verdict = try await Self.submit(try Self.training(code), to: run)
      // A recipe may spoil its own artifact; what it may not do is gain.
      #expect(["discard", "disqualified"].contains(verdict["label"] as? String), "\(name): \(verdict)")
    }
    // The control: the same path, an honest improvement.
    let honest = try await Self.submit(try Self.training("pass", epochs: 60), to: run)
    #expect(honest["label"] as? String == "keep", "\(honest)")
  }

  @Test func breachesEndWithTheirLabel() async throws {
    let run = Run()
    for (code, label) in [
      ("import time\ntime.process_time = lambda: 0.0\nwhile True:\n    pass", "train_budget_overrun"),
      ("return b'\\0' * 100_000", "size_blocked"),
      ("raise RuntimeError('no')", "crash"),
      ("import os\nos.symlink('/etc/passwd', '/out/artifact.bin')\nos._exit(0)", "crash"),
      ("x = [b'x' * (1 << 20) for _ in range(4096)]", "crash"),
      ("import os\nwhile True:\n    os.fork()", "crash"),
      ("import socket\nsocket.create_connection(('127.0.0.1', 22), 1)", "crash"),
      ("open('/data/../heldout/data.bin')", "crash"),
      ("this is no python", "preflight_crash"),
    ] {
      let verdict = try await Self.submit(try Self.training(code), to: run)
      #expect(verdict["label"] as? String == label, "\(code): \(verdict)")
      #expect((verdict["reason"] as? String ?? "").count > 10)
    }
    // An edit outside the specialist's partition is part of the record, and never run.
    let outside = try await Self.submit(try Self.training("pass"), to: run, specialist: "data")
    #expect(outside["label"] as? String == "preflight_crash")
    #expect(outside["seconds"] as? Double == 0)
  }
}
