import AssayIdentity
import AssayMessages
import Foundation
import Testing

@testable import AssaySupervisor

@Suite struct SupervisorTests {
  @Test(arguments: [("90s", 90), ("10m", 600), ("1h30m", 5400), ("45", 45), ("1.5m", 90)])
  func readsDurations(_ text: String, _ seconds: Int) {
    #expect(DurationText.parse(text) == .seconds(seconds))
  }

  @Test(arguments: ["", "m", "10x", "1m30", "-5s", "0", "1e9h", "nan"])
  func refusesWhatIsNoDuration(_ text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test func hostileTextIsInert() {
    let text = TerminalText.oneLine("a\u{1B}[31mb\nc\u{202E}d\u{200B}\u{7F}", limit: 100)
    #expect(text == "a[31mb cd")
    #expect(TerminalText.oneLine(String(repeating: "x", count: 500), limit: 10).count == 10)
    #expect(TerminalText.block("a\n\u{1B}]0;t\u{07}b") == "a\n]0;tb")
  }

  private func row(_ trial: UInt32, parent: UInt32, _ label: LineageV1.VerdictLabel = .discard) -> TrialRow {
    var record = LineageV1.TrialRecord()
    var facts = LineageV1.Trial()
    facts.trial = trial
    var proposal = AgentV1.Proposal()
    proposal.parent = parent
    facts.proposal = proposal
    record.trial = facts
    var verdict = LineageV1.Verdict()
    verdict.label = label
    record.verdict = verdict
    return TrialRow(record)
  }

  @Test func treesOfAnyDepthAreDrawn() {
    let chain = (0...100_000 as ClosedRange<UInt32>).map {
      row($0, parent: $0 == 0 ? 0 : $0 - 1, $0 == 0 ? .baseline : .discard)
    }
    let tree = TrialTree(rows: chain)
    #expect(tree.ordered.map(\.trial) == Array(0...100_000))
    #expect(TrialTree(rows: chain, keptOnly: true).ordered.map(\.trial) == [0])
  }

  @Test func treesWithLoopsEnd() {
    let tree = TrialTree(rows: [row(0, parent: 0, .baseline), row(1, parent: 2), row(2, parent: 1)])
    #expect(tree.ordered.map(\.trial) == [0])
  }

  @Test func rowsHaveTheirKeysAlways() throws {
    let text = try row(0, parent: 0, .baseline).json()
    for key in [
      "trial", "specialist", "parent", "label", "score", "reason", "seconds", "cpu_seconds", "memory_bytes",
      "artifact_bytes",
    ] {
      #expect(text.contains("\"\(key)\":"))
    }
    #expect(!text.contains("\n"))
  }

  @Test func withoutLineageNoAgentIsTrusted() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let ring = try KeyRing.prepare(
      in: folder, specialists: ["a", "b"], runners: ["r"], lineageEnabled: false)
    let lineage = try TrustStore.load(from: folder.path + "/trust-lineage.json")
    let evaluator = try TrustStore.load(from: folder.path + "/trust-evaluator.json")
    #expect(!lineage.entries.contains { $0.roles.contains(.agent) || $0.roles.contains(.runner) })
    #expect(evaluator.entries.filter { $0.roles == [.agent] }.map(\.name).sorted() == ["agent/a", "agent/b"])
    // Made once: the same identities again.
    let again = try KeyRing.prepare(
      in: folder, specialists: ["a", "b"], runners: ["r"], lineageEnabled: true)
    #expect(again.identities.map(\.publicText) == ring.identities.map(\.publicText))
  }

  @Test func statesHaveOneOwnerAndAVersion() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    #expect(throws: SupervisorError.self) { try StateDirectory.existing(at: root) }
    let directory = try StateDirectory.create(at: root)
    let lock = try directory.lock()
    let refusal = #expect(throws: SupervisorError.self) { try directory.lock() }
    #expect(refusal?.message.contains("another assay is running") == true)
    withExtendedLifetime(lock) {}
    try "2\n".write(to: root.appending(path: "version"), atomically: true, encoding: .utf8)
    let newer = #expect(throws: SupervisorError.self) { try StateDirectory.create(at: root) }
    #expect(newer?.exitCode == 3)
  }

  @Test func socketsOfDeepFoldersHaveShortPaths() throws {
    let deep = FileManager.default.temporaryDirectory.appending(path: String(repeating: "deep/", count: 30))
    let address = try StateDirectory.create(at: deep).socketAddress(of: "evaluator")
    #expect(address.utf8.count < 107)
    #expect(try StateDirectory.create(at: deep).socketAddress(of: "evaluator") == address)
  }

  @Test func keysAreRotatedAndRevoked() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-keys-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let before = try KeyRing.prepare(
      in: folder, specialists: ["opt"], runners: ["local"], lineageEnabled: true)
    func trusted(_ service: String) throws -> [String: String] {
      let trust = try TrustStore.load(from: folder.appending(path: "trust-\(service).json").path)
      return Dictionary(uniqueKeysWithValues: trust.entries.map { ($0.name, $0.key) })
    }
    let old = try #require(before.identities.first { $0.name == "agent/opt" }).publicText
    let fresh = try KeyRing.rotate("agent/opt", in: folder).publicText
    #expect(fresh != old)
    #expect(try trusted("evaluator")["agent/opt"] == fresh)
    #expect(try trusted("lineage")["agent/opt"] == fresh)
    #expect(
      try IdentityKey.load(from: folder.appending(path: "agent-opt.key").path).publicIdentity.text == fresh)

    #expect(try KeyRing.revoke("agent/opt", in: folder).count == 2)
    #expect(try trusted("evaluator")["agent/opt"] == nil)
    #expect(try trusted("evaluator")["runner/local"] != nil)
    // Whoever prepares the keys again gets a new one, never the revoked.
    _ = try KeyRing.prepare(in: folder, specialists: ["opt"], runners: ["local"], lineageEnabled: true)
    let again = try trusted("evaluator")["agent/opt"]
    #expect(again != nil && again != fresh && again != old)
    #expect(throws: SupervisorError.self) { try KeyRing.revoke("evaluator", in: folder) }
    #expect(throws: SupervisorError.self) { try KeyRing.revoke("nobody", in: folder) }
  }
}
