import AssayPatch
import Foundation
import Testing

/// One defence off at a time: the attack that it stops gets through without it, and not with it. docs/red-team.md is the table.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(15))) struct DefenceTests {
  private struct Stage {
    var run: Run
    var environment: [String: String]
    var data: String
  }

  /// A task without static rules, which would answer first, and a run of it in which `weak` stands in for the sandbox launcher.
  private func stage(_ changes: [TaskCopy.Change], _ weak: WeakSandbox, rules: String = "") async throws
    -> Stage
  {
    let task = try RedTeamTests.task(rules: rules, changes + [TaskCopy.quick])
    let prepared = WeakSandbox.root + "/prepared-\(UUID().uuidString)"
    let made = try await Program.run(
      "assay", ["task", "prepare", task, "--prepared", prepared], environment: ["ASSAY_PREPARED": prepared])
    try #require(made.status == 0, "\(made.errors)")
    let line = made.output.split(separator: "\n").first { $0.contains("/data=") } ?? ""
    let train = String(line.split(separator: "=").last ?? "")
    let data = String(train.dropLast("/train".count))
    let run = Run(task: task)
    func placed(_ code: String) -> String {
      """
      (HELDOUT, DATA, SHARED, OUT) = (
          "\(data)/heldout", "\(data)", "\(prepared)/shared", os.environ.get("WEAK_OUT", "\(prepared)/out"))
      \(code)
      """
    }
    let weak = WeakSandbox(
      launcher: placed(weak.launcher), bubblewrap: placed(weak.bubblewrap), instead: weak.instead)
    return Stage(
      run: run, environment: ["ASSAY_BIN": try weak.install(), "ASSAY_PREPARED": prepared], data: data)
  }

  private func attack(_ defence: Defence, _ stage: Stage) async throws -> (Defence.Seen, Bool) {
    let attack = Attack(defence.name, defence.place, defence.code, "")
    let began = ContinuousClock.now
    let verdict = try await ForgeryTests.submit(
      try RedTeamTests.recipe(attack, helpers: Self.helpers), to: stage.run, specialist: "all",
      environment: stage.environment)
    let shown =
      try await Program.run(
        "assay", ["show", "\(verdict["trial"] as? Int ?? 0)", "--json", "--state", stage.run.state]
      ).rows.first ?? [:]
    let facts = try Self.facts(of: shown["envelope"] as? String ?? "")
    let seen = Defence.Seen(
      label: verdict["label"] as? String ?? "", rule: shown["rule"] as? String ?? "",
      log: shown["log"] as? String ?? "", artifacts: facts["artifacts_sha256"] as? [String] ?? [],
      data: stage.data, seconds: (ContinuousClock.now - began) / .seconds(1))
    return (seen, await defence.gained(seen))
  }

  private static func facts(of envelope: String) throws -> [String: Any] {
    let outer = try JSONSerialization.jsonObject(with: Data(envelope.utf8)) as? [String: Any]
    let payload = Data(base64Encoded: outer?["payload"] as? String ?? "") ?? Data()
    let statement = try JSONSerialization.jsonObject(with: payload) as? [String: Any]
    return (statement?["predicate"] as? [String: Any])?["facts"] as? [String: Any] ?? [:]
  }

  /// Code that attacks call, beside the recipe's own.
  private static let helpers = """
    def remembered(xs, values):
        # Both groups may run at the same time: the first has its answers taken, the other waits for them.
        try:
            with open("/tmp/seen", "x") as file:
                file.writelines(f"{x!r} {v + 1e-3 * random.random()!r}\\n" for x, v in zip(xs, values))
                file.write("end\\n")
        except OSError:
            pass
        lines = []
        while not lines or lines[-1] != "end\\n":
            with open("/tmp/seen") as file:
                lines = file.readlines()
        known = {}
        for line in lines[:-1]:
            x, value = line.split()
            known[x] = float(value)
        return [known.get(repr(x), v) for x, v in zip(xs, values)]


    """

  @Test("each defence is what stops its attack") func oneDefenceOffAtATime() async throws {
    var table: [String] = []
    // With everything on, one run is enough: the launcher's stand-in changes nothing in it.
    let whole = try await stage([], WeakSandbox())
    defer { remove(whole) }
    for defence in Defence.all {
      let on: (Defence.Seen, Bool)
      if defence.name == "static rules" {
        let ruled = try await stage([], WeakSandbox(), rules: RedTeamTests.rules)
        on = try await attack(defence, ruled)
        remove(ruled)
      } else if defence.always.launcher.isEmpty {
        on = try await attack(defence, whole)
      } else {
        let own = try await stage([], defence.always)
        on = try await attack(defence, own)
        remove(own)
      }
      #expect(!on.1, "\(defence.attack) got through the \(defence.name): \(on.0)")
      var weak = defence.off
      weak.launcher = defence.always.launcher + "\n" + weak.launcher
      let open = try await stage(defence.task, weak)
      let off = try await attack(defence, open)
      remove(open)
      #expect(off.1, "without the \(defence.name) \(defence.attack) should get through: \(off.0)")
      let rule = on.0.rule.isEmpty ? "" : " (\(on.0.rule))"
      table.append(
        "| \(defence.name) | \(defence.attack) | \(on.0.label)\(rule) | \(off.0.label): \(defence.gain) |")
    }
    if let path = ProcessInfo.processInfo.environment["ASSAY_DEFENCE_TABLE"] {
      try (table.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    try RedTeamTests.expect(table)
  }

  private func remove(_ stage: Stage) {
    for path in [stage.run.state, stage.run.task, stage.environment["ASSAY_PREPARED"] ?? ""] {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
