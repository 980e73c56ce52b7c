import AssayImport
import AssayTrajectory
import Foundation
import Testing

/// One defect a test: it is flagged with its line, read where it can be, and kept as it stands.
@Suite struct DefectTests {
  @Test func aCleanRecordCarriesNoFlag() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row("001"), Blackboard.keep("002", score: "1.0800", delta: "-0.001000"),
      Blackboard.row("003", parent: "002", status: "crash", score: "", delta: ""),
    ]
    let (report, run) = try await board.imported()
    #expect(report.flags == [:])
    let trials = try await run.all()
    #expect(trials.map(\.id) == ["000", "001", "002", "003"])
    #expect(trials.map(\.outcome) == [.baseline, .discarded, .kept, .failed])
    #expect(trials[3].parent == ParentClaim(raw: "002", position: 2))
    #expect(trials[0].score == Reading(raw: "1.0810", value: 1.081))
    #expect(trials[2].expectedDelta.value == -0.001)
    #expect(trials[2].extra["job_name"] == "apg-opt-002")
    let metadata = try await run.run()
    #expect(metadata.provenance == .recipeClaimed)
    #expect(metadata.lowerIsBetter && metadata.scoreName == "val_bpb")
    #expect(metadata.columns == Blackboard.columns)
  }

  @Test(arguments: [true, false]) func aLineWhoseTabsBecameSpacesIsReadByTheKnownColumns(quoted: Bool)
    async throws
  {
    var board = Blackboard()
    let words =
      quoted ? "\"Raise it</hypothesis> <parameter name=\"\"notes\"\">Single keep line\"" : "Raise the rate"
    board.lines.append(
      "001\t2026-04-22T06:45:14Z\treg\t000\t000\treg\t\(words) -0.001 size_blocked 1.080900 -0.000100 15999615 588.1  1479.000000 apg-reg-0066  two  words"
    )
    let (_, run) = try await board.imported()
    let trial = try #require(try await run.all()[id: "001"])
    #expect(trial.has(.mangledLine))
    #expect(trial.flags.first { $0.kind == .mangledLine }?.line == 3)
    #expect(trial.label == "size_blocked" && trial.outcome == .failed)
    #expect(trial.score.value == 1.0809 && trial.delta.raw == "-0.000100" && trial.evalSeconds.raw == "")
    #expect(trial.totalSeconds.value == 1479 && trial.notes == "two  words")
    #expect(
      trial.hypothesis
        == (quoted ? "Raise it</hypothesis> <parameter name=\"notes\">Single keep line" : "Raise the rate"))
    #expect(trial.has(.toolResidue) == quoted)
    #expect(trial.has(.scoreWithoutLegality))
  }

  @Test func aLineWithoutAnyTabIsReadToo() async throws {
    var board = Blackboard()
    board.lines.append(Blackboard.row("001", notes: "a note").replacing("\t", with: " "))
    let trial = try #require(try await board.imported().1.all()[id: "001"])
    #expect(trial.has(.mangledLine) && trial.outcome == .discarded && trial.notes == "a note")
    #expect(trial.specialist == "opt" && trial.score.value == 1.09)
  }

  @Test func aLineThatCannotBeReadStaysAsItIs() async throws {
    var board = Blackboard()
    board.lines += ["001\tgarbage", Blackboard.row("002")]
    let (report, run) = try await board.imported()
    #expect(report.rows == 3)
    let trial = try #require(try await run.all()[id: "001"])
    #expect(trial.has(.mangledUnrecovered) && trial.outcome == .unreadable && trial.recordedAt == "garbage")
    #expect(try await run.source() == Array((board.lines.joined(separator: "\n") + "\n").utf8))
  }

  @Test func quotedLineEndsAreOneRow() async throws {
    var board = Blackboard()
    let forged = Blackboard.keep("777", score: "0.1", delta: "-1").replacing("\"", with: "\"\"")
    board.lines += [
      Blackboard.row("001", hypothesis: "\"two\n\(forged)\nlines\""), Blackboard.row("002", parent: "001"),
    ]
    let (report, run) = try await board.imported()
    let trials = try await run.all()
    // The row inside the quotes is a text, not a trial.
    #expect(trials.map(\.id) == ["000", "001", "002"])
    #expect(trials[1].hypothesis == "two\n\(forged)\nlines")
    #expect(trials[1].has(.quotedNewline) && trials[2].line == 6)
    #expect(report.flags == ["quoted_newline": 1, "parent_failed": 1])
  }

  @Test func aQuoteThatNeverClosesCostsItsOwnLineOnly() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row("001", hypothesis: "\"never closed"), Blackboard.row("002"), Blackboard.row("003"),
    ]
    let trials = try await board.imported().1.all()
    #expect(trials.map(\.id) == ["000", "001", "002", "003"])
    #expect(trials[1].has(.brokenQuote) && !trials[2].has(.brokenQuote))
    #expect(trials[3].line == 5)
  }

  @Test func aTornLastLineAndARowBehindIt() async throws {
    var board = Blackboard()
    board.tail = String(Blackboard.row("001").prefix(60))
    let torn = try await board.imported().1.all()
    #expect(torn.count == 2 && torn[1].has(.truncatedLine) && torn[1].outcome == .unreadable)
    // A later append goes on in the same line.
    board.tail = ""
    board.lines.append(
      Blackboard.row("001", status: "discard").split(separator: "\t").prefix(8).joined(separator: "\t")
        + Blackboard.row("002"))
    let merged = try await board.imported().1.all()
    #expect(merged.map(\.id) == ["000", "001", "002"])
    #expect(merged[1].has(.mergedRows) && merged[1].outcome == .unreadable)
    #expect(merged[2].has(.mergedRows) && merged[2].outcome == .discarded && merged[2].score.value == 1.09)
  }

  @Test func parentsAreResolvedOrSaidNotToBe() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.keep("001", parent: "exp_000", score: "1.08", delta: "-0.001"),
      Blackboard.row("002", parent: "exp_001"),
      Blackboard.row("003", parent: "somewhere"), Blackboard.row("004", parent: "002"),
      Blackboard.row("005", parent: "005"), Blackboard.row("006", parent: "008"),
      Blackboard.row("007", parent: "006"),
      Blackboard.row("008", parent: "007"), Blackboard.row("009", parent: "exp_008"),
    ]
    let (report, run) = try await board.imported()
    let trials = try await run.all()
    #expect(trials.map(\.parent.position) == [nil, 0, 1, nil, 2, nil, 8, 6, 7, 8])
    #expect(
      trials.map { $0.has(.parentPrefixed) }
        == [1, 2, 9].reduce(into: Array(repeating: false, count: 10)) { $0[$1] = true })
    #expect(trials[3].has(.parentUnresolved) && trials[3].parent.raw == "somewhere")
    #expect(trials[4].has(.parentFailed) && trials[5].has(.parentSelf) && trials[6].has(.parentForward))
    #expect(trials.filter { $0.has(.parentCycle) }.map(\.id) == ["006", "007", "008"])
    #expect(report.flags["parent_cycle"] == 3)
  }

  @Test func twiceTheSameIdKeepsBoth() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row("001"), Blackboard.row("001", score: "1.2"), Blackboard.row("002", parent: "001"),
    ]
    let trials = try await board.imported().1.all()
    #expect(trials.count == 4 && trials[2].has(.duplicateID) && !trials[1].has(.duplicateID))
    #expect(trials[3].parent.position == 2)
  }

  @Test(arguments: [
    ("minus_0.0003", -0.0003), ("negative_0.0004", -0.0004), ("\"\"\"-0.002\"\"\"", -0.002), ("a bit", nil),
  ]) func predictionsInWordsAreFlagged(_ text: String, _ value: Double?) async throws {
    var board = Blackboard()
    board.lines.append(Blackboard.row("001", expected: text))
    let trial = try #require(try await board.imported().1.all()[id: "001"])
    #expect(trial.has(.nonnumericDelta) && trial.expectedDelta.value == value)
    #expect(trial.expectedDelta.raw == text.replacing("\"\"\"", with: "\""))
  }

  @Test(arguments: ["inf", "nan", "0x1p3", "-Infinity", "1.08 bpb"]) func onlyPlainNumbersAreScores(
    _ text: String
  )
    async throws
  {
    var board = Blackboard()
    board.lines.append(Blackboard.row("001", score: text))
    let trial = try #require(try await board.imported().1.all()[id: "001"])
    #expect(trial.score == Reading(raw: text, value: nil) && trial.has(.nonnumericValue))
  }

  @Test func infrastructureFailuresAreNoOutcomeOfARecipe() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row(
        "001", status: "harness_abort", score: "", notes: "[QUARANTINED 2026-04-22T08:19:06Z: lost]"),
      Blackboard.row(
        "002", status: "preflight_crash", score: "", job: "", notes: "infrastructure sync failure: ssh"),
      Blackboard.row("003", status: "preflight_crash", score: "", notes: "SyntaxError"),
    ]
    let trials = try await board.imported().1.all()
    #expect(trials.map(\.outcome) == [.baseline, .infrastructure, .infrastructure, .failed])
    #expect(trials[1].has(.quarantined) && trials[1].has(.infraCounted))
    #expect(trials[2].has(.jobMissing) && trials[2].label == "preflight_crash")
  }

  @Test func whatStandsInTheTextsIsFlagged() async throws {
    var board = Blackboard()
    board.lines += [
      Blackboard.row("001", hypothesis: "Test"), Blackboard.row("002", notes: "x</notes>"),
      Blackboard.row(
        "003", hypothesis: "\u{1B}[2J\u{1B}]0;x\u{7}<script>alert(1)</script>", job: "apg-opt-0009"),
      Blackboard.row("004", status: "kept?"), Blackboard.row("005", score: "1.09\textra"),
    ]
    let (_, run) = try await board.imported()
    let trials = try await run.all()
    #expect(trials[1].has(.placeholderHypothesis) && trials[2].has(.toolResidue))
    #expect(trials[3].has(.controlCharacters) && trials[3].has(.jobMismatch))
    #expect(trials[3].hypothesis == "\u{1B}[2J\u{1B}]0;x\u{7}<script>alert(1)</script>")
    #expect(trials[4].has(.unknownLabel) && trials[4].outcome == .unreadable)
    #expect(trials[5].has(.extraCells))
  }

  @Test func aColumnThatChangesItsMeaningIsFound() async throws {
    var board = Blackboard()
    for number in 1...60 {
      let id = String(repeating: "0", count: 3 - "\(number)".count) + "\(number)"
      let rest = (number < 31 ? 110 : 300) + number % 7
      board.lines.append(Blackboard.row(id, train: "500", eval: "\(1300 - 500 - rest)"))
    }
    let trials = try await board.imported().1.all()
    #expect(trials.filter { $0.has(.columnMeaning) }.map(\.id) == ["031"])
  }

  @Test func otherColumnsAndDirectionsAreKept() async throws {
    var board = Blackboard()
    board.lines = [
      "exp_id\ttimestamp\tparent_exp\thypothesis\tstatus\ttokens_per_second\tdelta_vs_best\tweather",
      "000\t2026-04-22T00:00:00Z\t\tseed\tbaseline\t10\t\tsun",
      "001\t2026-04-22T00:01:00Z\t000\tfaster\tkeep\t12\t2\train",
    ]
    let (report, run) = try await board.imported()
    #expect(report.scoreName == "tokens_per_second" && !report.lowerIsBetter)
    #expect(report.flags["direction_inferred"] == 1 && report.flags["unknown_column"] == 2)
    #expect(try await run.all()[1].extra == ["weather": "rain"])
    #expect(try await board.imported(lowerIsBetter: true).0.lowerIsBetter)
  }

  @Test func filesBesideTheResultsAreComparedAndKept() async throws {
    var board = Blackboard()
    board.lines.append(Blackboard.keep("001", score: "1.080000", delta: "-0.001000"))
    board.files = [
      "best.json": "{\"exp_id\": \"002\", \"val_bpb\": 1.08}",
      "tree.tsv":
        "exp_id\tparent_exp\tdepth\tpath\tspecialist\tstatus\tval_bpb\tdelta_vs_best\thypothesis\n000\t\t0\t000\tbaseline\tbaseline\t1.0810\t\tx\n001\t000\t1\t000/001\topt\tdiscard\t1.080000\t-0.001000\tx\n",
      "KNOWLEDGE.md": "# Base\n\n## Key Insights\nWarm-up helps.\n",
      "snapshots/all/001.py": "RATE = 1\n",
    ]
    let (report, run) = try await board.imported()
    #expect(report.flags == ["best_mismatch": 1, "tree_mismatch": 1])
    #expect(try await run.all()[1].has(.treeMismatch))
    #expect(try await run.run().insights == "## Key Insights\nWarm-up helps.\n")
    #expect(try await run.file("best.json") == Array("{\"exp_id\": \"002\", \"val_bpb\": 1.08}".utf8))
    #expect(try await run.recipe(of: 1) == ["recipe.py": Array("RATE = 1\n".utf8)])
    #expect(try await run.recipe(of: 0) == nil)
  }

  @Test func aGateThatTheBaselineNeverShowedIsFlagged() async throws {
    var board = Blackboard()
    board.lines = [
      "exp_id\thypothesis\tstatus\ttrain_s\taccuracy\tacc_std\tn_seeds", "000\tseed\tbaseline\t26.3\t\t\t",
      "001\tfewer epochs\tkeep\t25.1\t0.9601\t0.001\t10",
    ]
    #expect(try await board.imported().0.flags["baseline_ungated"] == 1)
  }
}
