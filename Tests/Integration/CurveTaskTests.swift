import Foundation
import Testing

/// The task on which ways of searching are compared.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(5))) struct CurveTaskTests {
  private static let tasks = Program.repository.appending(path: "tasks")

  @Test func itsScorerIsTheOneOfTinyRegression() throws {
    func scorer(_ task: String) throws -> Data {
      try Data(contentsOf: Self.tasks.appending(path: "\(task)/scorer/score.py"))
    }
    #expect(try scorer("curve-mini") == scorer("tiny-regression"))
  }

  /// By its own program: the answers themselves, the answers with an error of ten times the noise, and what is no prediction.
  @Test func anErrorIsDecibelsAboveTheNoise() async throws {
    let script = #"""
      import json, math, os, random, struct, subprocess, sys, tempfile
      scorer, place = sys.argv[1], tempfile.mkdtemp()
      draw = random.Random(1)
      examples = [(draw.random(), draw.random(), draw.gauss(0, 1)) for _ in range(500)]
      os.makedirs(place + "/held")
      open(place + "/held/examples.bin", "wb").write(b"".join(struct.pack("<ddd", *e) for e in examples))
      base = [sys.executable, scorer, "--inputs-each", "2", "--noise", "0.0025"]
      common = ["--heldout", place + "/held", "--nonce", "n"]
      subprocess.run(base + ["inputs", "--out", place + "/inputs"] + common, check=True)
      answer = {e[:2]: e[2] for e in examples}
      def judge(error, break_order=False, cut=0):
          for group in "ab":
              rows = list(struct.iter_unpack("<dd", open(f"{place}/inputs/{group}/inputs.bin", "rb").read()))
              assert len(rows) == 500 and set(rows) == set(answer), group
              values = [answer[row] + error for row in rows]
              if break_order and group == "b": values[0] += 1
              os.makedirs(f"{place}/out/{group}", exist_ok=True)
              open(f"{place}/out/{group}/predictions.bin", "wb").write(struct.pack("<500d", *values)[: 4000 - cut])
          run = subprocess.run(base + ["judge", "--inputs", place + "/inputs", "--predictions", place + "/out"] + common, check=True, capture_output=True)
          print(run.stdout.decode().strip())
      judge(0.05)
      judge(math.sqrt(0.025))
      judge(0.05, break_order=True)
      judge(0.05, cut=8)
      """#
    let scorer = Self.tasks.appending(path: "curve-mini/scorer/score.py").path
    let ended = try await Program.run("/usr/bin/python3", ["-c", script, scorer])
    try #require(ended.status == 0, "\(ended.errors)")
    func excess(_ row: [String: Any]) -> Double? {
      ((row["metrics"] as? [String: Any])?["excess"] as? String).flatMap(Double.init)
    }
    let rows = ended.rows
    try #require(rows.count == 4)
    #expect(abs(try #require(excess(rows[0]))) < 1e-6, "an error as small as the noise is 0")
    #expect(abs(try #require(excess(rows[1])) - 10) < 1e-6, "one of ten times its variance is 10 decibels")
    #expect((rows[2]["illegal"] as? [String: Any])?["rule"] as? String == "order")
    #expect((rows[3]["malformed"] as? String)?.contains("3992 bytes, expected 4000") == true)
  }

  @Test func aRunOfItFindsItsWay() async throws {
    let run = Run(task: "curve-mini")
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    let ended = try await run.start("--trials", "6", "--max-time", "3m").ended()
    #expect(ended.status == 0, "\(ended.errors)")
    let trials = try await run.trials()
    #expect(trials.count == 7)
    let baseline = try #require((trials[0]["score"] as? String).flatMap(Double.init))
    #expect(baseline > 3, "there is room below the baseline: \(baseline)")
    // Nothing but what the scorer computes is a score, and none is far below the noise of the answers.
    let scores = trials.compactMap { ($0["score"] as? String).flatMap(Double.init) }
    #expect(scores.count >= 3 && scores.allSatisfy { $0 > -3 && $0 < 60 }, "\(scores)")
    #expect(try await run.ask("status").rows.first?["unit"] as? String == "decibels")
  }
}
