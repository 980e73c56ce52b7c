import Foundation
import Testing

/// A task in the reference implementation's form, run as it is: what it says is its claim, and is shown as one wherever it goes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClaimTests {
  let base = FileManager.default.temporaryDirectory.appending(path: "assay-claim-\(UUID().uuidString)").path
  var task: String { base + "/task" }
  var state: String { base + "/record" }

  private func stage() throws {
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Program.repository.appending(path: "Tests/Integration/Fixtures/claimed").path, toPath: task)
  }

  private func recipe(_ code: String) throws {
    try code.write(toFile: task + "/train.py", atomically: true, encoding: .utf8)
  }

  private func claim(_ options: String...) async throws -> Program.Ended {
    try await Program.run("assay", ["claim", task, "--state", state, "--json"] + options)
  }

  private func assay(_ arguments: String...) async throws -> Program.Ended {
    try await Program.run("assay", arguments)
  }

  @Test func aClaimStaysOne() async throws {
    try stage()
    defer { try? FileManager.default.removeItem(atPath: base) }
    let honest = try await claim()
    #expect(honest.status == 0, "\(honest.errors)")
    #expect(honest.errors.contains("no evaluator measures it"), "it is said at each start")
    #expect(honest.rows.first?["label"] as? String == "baseline")
    #expect(honest.rows.first?["claimed"] as? String == "1.716972")
    #expect(honest.rows.first?["provenance"] as? String == "recipe-claimed")
    #expect(
      !FileManager.default.fileExists(atPath: task + "/full_eval_results"), "the folder is left as it is")

    // A recipe that lies is recorded as what it claims.
    try recipe("print('val_bpb:0.000001')\n")
    let lie = try await claim("--hypothesis", "say \"better\"\tthan\u{1b}[2J it is", "--specialist", "arch")
    #expect(lie.errors.contains("no evaluator measures it"))
    #expect(lie.rows.first?["label"] as? String == "keep")
    #expect(lie.rows.first?["claimed"] as? String == "0.000001")

    // What is seen from outside is no claim: a good record of what was stopped, or failed, is none.
    try recipe(
      "import glob, time\nfolder = glob.glob('full_eval_results/*')[0]\nopen(folder + '/run_seed0.jsonl', 'w').write('{\"status\": \"VALID\", \"val_bpb\": 0.0}')\ntime.sleep(100000)\n"
    )
    let late = try await claim("--wall-seconds", "3", "--hypothesis", "never end")
    #expect(late.status == 1)
    #expect(late.rows.first?["label"] as? String == "eval_budget_overrun", "\(late.output)")
    #expect(late.rows.first?["claimed"] == nil)
    try recipe(
      "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)\nprint('val_bpb:0.0')\n")
    let alone = try await claim("--hypothesis", "ask the network")
    #expect(alone.rows.first?["label"] as? String == "crash", "\(alone.output)")

    try await isShownAsAClaim()
    try await isNoRunOfOurs()
  }

  private func isShownAsAClaim() async throws {
    let trials = try await assay("trials", "--state", state, "--json").rows
    #expect(
      trials.compactMap { $0["label"] as? String } == ["baseline", "keep", "eval_budget_overrun", "crash"])
    #expect(trials.allSatisfy { $0["provenance"] as? String == "recipe-claimed" })
    #expect(trials.map { $0["score"] is String } == [true, true, false, false])
    #expect(
      try await assay("status", "--state", state, "--json").rows.first?["state"] as? String
        == "imported, recipe-claimed")
    for command in [
      ["trials", "--state", state], ["show", "1", "--state", state], ["best", "--state", state],
    ] {
      let shown = try await Program.run("assay", command)
      #expect("\(shown.output)\(shown.errors)".contains("unsigned"), "\(command): \(shown.output)")
      #expect(!shown.output.contains("\u{1b}[2J"))
    }
    let audit = try await assay("audit", state)
    #expect(audit.status == 0)
    #expect(audit.output.contains("claimed"), "\(audit.output)")

    // Nothing in it can be verified.
    let verified = try await assay("verify", state)
    #expect(verified.status == 4)
    #expect(verified.errors.contains("recipe-claimed"))
    #expect(try await assay("export", "--state", state, "--proofs", base + "/proofs").status != 0)

    // The mark goes along with every export, and comes back with an import.
    let exported = try await assay(
      "export", "--state", state, "--tables", base + "/tables", "--reference", base + "/board", "--sqlite",
      base + "/run.sqlite")
    #expect(exported.status == 0, "\(exported.errors)")
    let run = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: base + "/tables/run.json")))
    #expect((run as? [String: Any])?["provenance"] as? String == "recipe-claimed")
    for (source, name) in [(base + "/board", "again"), (state, "own")] {
      let imported = try await assay(
        "import", "autoresearch", source, "--name", name, "--state", "\(base)/\(name)", "--json")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(imported.rows.first?["flags"] as? [String: Int] == [:], "\(imported.output)")
      let again = try await assay("trials", "--state", "\(base)/\(name)", "--json").rows
      #expect(again.allSatisfy { $0["provenance"] as? String == "recipe-claimed" })
      #expect(again.map { $0["score"] as? String } == trials.map { $0["score"] as? String })
    }
    let page = base + "/page.html"
    #expect(try await assay("report", "--html", page, "--state", state).status == 0)
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("recipe-claimed"))
  }

  /// Neither is the folder a task that an evaluator owns, nor the record a run that it could go on with.
  private func isNoRunOfOurs() async throws {
    let before = try await assay("trials", "--state", state, "--json").output
    #expect(try await assay("run", task, "--trials", "1", "--state", base + "/new").status == 2)
    #expect(try await assay("run", "tiny-regression", "--trials", "1", "--state", state).status != 0)
    #expect(
      try await assay(
        "submit", "tiny-regression", "--edit", task + "/train.py", "--specialist", "opt", "--hypothesis", "x",
        "--parent", "0", "--state", state
      ).status != 0)
    #expect(try await assay("trials", "--state", state, "--json").output == before)
    let foreign = try await assay("claim", task, "--state", base + "/own")
    #expect(foreign.status == 3, "an imported record of somebody else is not added to")
  }

  @Test func badInputIsRefused() async throws {
    try stage()
    defer { try? FileManager.default.removeItem(atPath: base) }
    let files = FileManager.default
    try files.createSymbolicLink(atPath: task + "/data", withDestinationPath: "/etc")
    let link = try await claim()
    #expect(link.status == 2)
    #expect(link.errors.contains("links are not followed"))
    try files.removeItem(atPath: task + "/data")
    #expect(mkfifo(task + "/pipe", 0o600) == 0)
    #expect(try await claim().status == 2)
    try files.removeItem(atPath: task + "/pipe")
    for options in [
      ["--parent", "7"], ["--mount", "/nowhere=/data"], ["--mount", "/etc"], ["--env", "=x"],
      ["--score", "accuracy"], ["--specialist", "a b"], ["--hypothesis", "two\nlines"],
      ["--wall-seconds", "0"],
    ] {
      let refused = try await Program.run("assay", ["claim", task, "--state", state] + options)
      #expect(refused.status == 2, "\(options): \(refused.status) \(refused.errors)")
    }
    try files.removeItem(atPath: task + "/run_trial.sh")
    #expect(try await claim().status == 2)
    #expect(!files.fileExists(atPath: state + "/archive.sqlite"), "nothing was recorded")
    let snapshots = try files.contentsOfDirectory(atPath: state + "/blackboard/snapshots")
    #expect(snapshots.isEmpty)
  }

  /// A row that a killed process had begun is gone; those before it stand.
  @Test func aTornRowIsNoTrial() async throws {
    try stage()
    defer { try? FileManager.default.removeItem(atPath: base) }
    #expect(try await claim().status == 0)
    let results = URL(filePath: state + "/blackboard/results.tsv")
    let handle = try FileHandle(forWritingTo: results)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("001\t2026".utf8))
    try handle.close()
    try FileManager.default.removeItem(atPath: state + "/archive.sqlite")
    let next = try await claim("--hypothesis", "the same again")
    #expect(next.rows.first?["trial"] as? String == "001")
    #expect(next.rows.first?["label"] as? String == "discard")
    #expect(try await assay("trials", "--state", state, "--json").rows.count == 2)
  }
}
