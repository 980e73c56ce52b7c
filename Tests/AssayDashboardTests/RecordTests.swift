import AssayIdentity
import AssayMessages
import AssayPatch
import AssayProof
import AssayProofTesting
import AssaySupervisor
import AssayTrajectory
import AssayVerdict
import Foundation
import Testing

@testable import AssayDashboard

@Suite struct RecordTests {
  @Test("a host's GPUs: how many are held and free, which are out of service, what it is kept for")
  func gpus() {
    var host = RunnerV1.RunnerHost()
    host.gpus = ["", "Xid 79", ""].enumerated().map { number, reason in
      var gpu = RunnerV1.GPU()
      gpu.uuid = "GPU-\(number)"
      gpu.outOfService = reason
      return gpu
    }
    host.gpusHeld = 1
    host.keptFor = RunnerV1.GPUNeed()
    host.keptFor?.count = 2
    var slot = RunnerV1.RunnerSlot()
    slot.phase = "train"
    slot.gpus = 1
    host.slots = [slot]
    let view = RunView.Host(host, run: "r", nowMs: 0)
    #expect(view.gpusHeld == 1 && view.gpusFree == 1 && view.keptFor == "2 GPUs")
    #expect(view.gpus.map(\.outOfService) == [nil, "Xid 79", nil])
    #expect(view.slots.map(\.gpus) == [1])
    host.gpusHeld = 3
    #expect(RunView.Host(host, run: "r", nowMs: 0).gpusFree == 0)
  }

  private func record(
    _ trial: UInt32, _ label: LineageV1.VerdictLabel?, phases: [String] = ["train"], score: String = "1.5"
  ) -> LineageV1.TrialRecord {
    var record = LineageV1.TrialRecord()
    record.trial = LineageV1.Trial()
    record.trial?.trial = trial
    record.trial?.proposal = AgentV1.Proposal()
    record.trial?.proposal?.specialist = "opt"
    record.trial?.proposal?.hypothesis = String(repeating: "x", count: 400)
    guard let label else {
      record.inFlight = true
      return record
    }
    var verdict = LineageV1.Verdict()
    verdict.label = label
    verdict.score = label.isFailure ? "" : score
    verdict.usage = phases.map { phase in
      var usage = LineageV1.PhaseUsage()
      usage.phase = phase
      usage.cpuNs = 500_000_000
      usage.runner = "host/0"
      return usage
    }
    record.verdict = verdict
    return record
  }

  @Test("a keep may be confirmed, a discard may have been withdrawn, one in flight may be provisional")
  func states() {
    let confirmed = ["train", "confirm-train", "incumbent-train"]
    #expect(TrialPoint(record(1, .keep)).state == .kept)
    #expect(TrialPoint(record(1, .keep, phases: confirmed)).state == .confirmed)
    #expect(TrialPoint(record(1, .discard)).state == .discarded)
    #expect(TrialPoint(record(1, .discard, phases: confirmed)).state == .withdrawn)
    #expect(TrialPoint(record(1, .crash, phases: confirmed)).state == .failed)
    #expect(TrialPoint(record(0, .baseline)).state == .baseline)
    #expect(TrialPoint(record(1, nil)).state == .waiting)
    #expect(TrialPoint(record(1, nil), stage: "confirming").state == .provisional)
    let point = TrialPoint(record(1, .keep, phases: confirmed))
    #expect(point.cpuSeconds == 1.5)
    #expect(point.runners["host/0"] == .init(phases: 3, cpuSeconds: 1.5))
    #expect(point.hypothesis.count == TrialPoint.shownText)
  }

  @Test(
    "what a proposal was made from is known of proposals with a verdict, and gains have the metric's direction"
  )
  func proposed() {
    var kept = record(2, .keep)
    kept.verdict?.delta = "0.25"
    var readings = LineageV1.Readings()
    var reading = LineageV1.Reading()
    (reading.view, reading.requests, reading.bytes) = ("best", 3, 2000)
    readings.readings = [reading]
    kept.readings = readings
    let proposed = TrialPoint(kept, minimize: false).proposed
    #expect(proposed?.views?.counts == ["best": .init(requests: 3, bytes: 2000)])
    #expect(proposed?.isKept == true && proposed?.gain == 0.25 && proposed?.cpuSeconds == 0.5)
    #expect(TrialPoint(kept).proposed?.gain == -0.25)
    #expect(TrialPoint(record(3, .discard)).proposed?.views == nil)
    #expect(TrialPoint(record(0, .baseline)).proposed == nil && TrialPoint(record(4, nil)).proposed == nil)
    #expect(TrialPoint(record(5, .harnessAbort)).proposed == nil)
  }

  @Test("a revoked keep is no keep, and what descends from it is marked")
  func revoked() throws {
    var taken = record(1, .keep)
    taken.standing = .revoked
    var revocation = LineageV1.Revocation()
    revocation.reason = "It was copied."
    taken.revocation = revocation
    let point = TrialPoint(taken)
    #expect(point.state == .revoked && point.label == "keep" && point.reason == "It was copied.")
    #expect(point.score == "1.5", "the verdict stays as it was signed")
    var child = record(2, .keep)
    child.standing = .barred
    child.revokedAncestor = 1
    #expect(TrialPoint(child).state == .kept && TrialPoint(child).revokedAncestor == 1)
    #expect(TrialPoint(child).isBarred)
    child.standing = .descendsFromRevoked
    #expect(!TrialPoint(child).isBarred)
    let columns = TrialColumns([point, TrialPoint(child)])
    #expect(columns.states == ["revoked", "kept"] && columns.revokedAncestor == [nil, 1])
    let json = try #require(
      try JSONSerialization.jsonObject(with: PageJSON.encode(columns)) as? [String: Any])
    #expect(
      (json["revoked_ancestor"] as? [Any])?[0] is NSNull && (json["barred"] as? [Bool]) == [false, false])
  }

  @Test("a revocation says who signed it, and that nobody did when it does not fit")
  func revocationNotes() throws {
    let record = try SyntheticRecord(trials: 3)
    var told = try told(1, of: record)
    #expect(RevocationNote(told, evaluatorKey: record.evaluator.publicIdentity) == nil)
    var revocation = LineageV1.Revocation()
    revocation.runId = record.run
    revocation.trial = 1
    revocation.verdictSha256 = VerdictStatement.digest(told.envelope)
    revocation.reason = "seen"
    revocation.requestedBy = "operator"
    revocation.revokedAtMs = 5
    told.standing = .revoked
    told.revocation = revocation
    told.revocationEnvelope = try RevocationStatement.signed(revocation, with: record.evaluator)
    let note = try #require(RevocationNote(told, evaluatorKey: record.evaluator.publicIdentity))
    #expect(note.signedBy == record.evaluator.publicIdentity.text && note.rule == nil)
    #expect(note.reason == "seen" && note.requestedBy == "operator" && note.revokedMs == 5)
    let changes: [(inout LineageV1.TrialRecord) -> Void] = [
      { $0.revocation?.reason = "other" }, { $0.revocation?.requestedBy = "x" },
      { $0.envelope[5] ^= 1 }, { $0.trial?.trial = 2 },
      { $0.revocationEnvelope[$0.revocationEnvelope.count / 2] ^= 1 },
    ]
    for (number, change) in changes.enumerated() {
      var changed = told
      change(&changed)
      #expect(
        RevocationNote(changed, evaluatorKey: record.evaluator.publicIdentity)?.signedBy == nil, "\(number)")
    }
    #expect(RevocationNote(told, evaluatorKey: IdentityKey().publicIdentity)?.signedBy == nil)
    #expect(RevocationNote(told, evaluatorKey: nil)?.signedBy == nil)
  }

  @Test("an audit is shown when the run's evaluator signed it")
  func audits() throws {
    let record = try SyntheticRecord(trials: 1)
    var response = LineageV1.GetRunResponse()
    var run = LineageV1.Run()
    run.runId = record.run
    run.evaluatorKey = record.evaluator.publicIdentity.bytes
    response.run = run
    func audit(_ run: String, _ key: IdentityKey) throws -> [UInt8] {
      try AuditStatement(
        run: run, taskDigest: "", rules: ["narrow"], rulesVersion: 2, screened: 6, revoked: [3],
        requestedBy: "operator", auditedAtMs: 1
      ).signed(with: key)
    }
    response.audits = [
      try audit(record.run, record.evaluator), try audit("other", record.evaluator),
      try audit(record.run, IdentityKey()), [1, 2],
    ]
    var view = RunView(
      RunDescription(
        runID: record.run, taskName: "t", taskPath: "", taskDigest: "", seed: 1, lineageEnabled: true,
        specialists: []),
      folder: "f", logKey: record.log.publicIdentity)
    view.take(response)
    #expect(view.audits.count == 1)
    #expect(view.audits.first?.revoked == [3] && view.audits.first?.rulesVersion == 2)
  }

  @Test("columns name specialists and labels once, and keep what is not there as null")
  func columns() throws {
    let points = [record(0, .baseline), record(1, .crash), record(2, .keep)].map { TrialPoint($0) }
    let columns = TrialColumns(points)
    #expect(columns.labels == ["baseline", "crash", "keep"])
    #expect(columns.label == [0, 1, 2])
    #expect(columns.specialists == ["opt"])
    let json = try #require(
      try JSONSerialization.jsonObject(with: PageJSON.encode(columns)) as? [String: Any])
    #expect((json["score"] as? [Any])?[1] is NSNull)
    #expect((json["cpu_seconds"] as? [Double])?.count == 3)
  }

  /// A trial of a record as the lineage would tell it.
  private func told(_ trial: UInt32, of record: SyntheticRecord) throws -> LineageV1.TrialRecord {
    let envelope = record.statements[Int(trial) + 1]
    let statement = try VerdictStatement.verified(
      envelope: envelope, key: record.evaluator.publicIdentity)
    var told = LineageV1.TrialRecord()
    told.trial = LineageV1.Trial()
    told.trial?.trial = trial
    told.trial?.snapshotId = statement.facts.snapshotID
    var proposal = AgentV1.Proposal()
    proposal.specialist = "opt"
    proposal.parent = trial == 0 ? 0 : trial - 1
    proposal.hypothesis = "number \(trial) of run \(record.run)"
    told.trial?.proposal = proposal
    told.verdict = statement.verdict
    told.logExcerpt = "epoch \(trial)\n"
    told.envelope = envelope
    return told
  }

  private func badge(
    _ told: LineageV1.TrialRecord, _ record: SyntheticRecord, proof: StatementProof?
  ) -> ProofBadge {
    ProofBadge(
      told, proof: proof, evaluatorKey: record.evaluator.publicIdentity,
      logKey: record.log.publicIdentity, folder: "/runs/it's one")
  }

  @Test(
    "a verdict is verified with its place in the log, unverified before it, and broken when anything does not fit"
  )
  func badges() throws {
    let record = try SyntheticRecord(trials: 9)
    let proof = try #require(StatementProof(of: 4, in: record.bundle))
    let told = try told(3, of: record)
    let good = badge(told, record, proof: proof)
    #expect(good.state == .verified, "\(good.detail)")
    #expect(good.index == 4)
    #expect(good.command?.contains("--state '/runs/it'\\''s one'") == true)
    #expect(badge(told, record, proof: nil).state == .unverified)
    var waiting = told
    waiting.envelope = []
    #expect(badge(waiting, record, proof: nil).state == .unverified)

    var uncosigned = proof
    uncosigned.checkpoint = record.checkpoint(cosigner: nil)
    #expect(badge(told, record, proof: uncosigned).state == .unverified)
    var moved = proof
    moved.index = 5
    #expect(badge(told, record, proof: moved).state == .broken)

    let changes: [(inout LineageV1.TrialRecord) -> Void] = [
      { $0.verdict?.score = "0.000001" }, { $0.verdict?.label = .keep }, { $0.trial?.snapshotId = "00" },
      { $0.trial?.proposal?.parent = 0 }, { $0.trial?.proposal?.hypothesis = "another" },
      { $0.logExcerpt = "another" }, { $0.envelope[$0.envelope.count / 2] ^= 1 },
    ]
    for (number, change) in changes.enumerated() {
      var changed = told
      change(&changed)
      #expect(badge(changed, record, proof: proof).state == .broken, "change \(number)")
    }
    let stranger = ProofBadge(
      told, proof: proof, evaluatorKey: IdentityKey().publicIdentity, logKey: record.log.publicIdentity,
      folder: "/r")
    #expect(stranger.state == .broken)
  }

  @Test("a change is between the recipes themselves, in lines without their ends")
  func changes() throws {
    let before = try RecipeTree(["a.py": Array("x = 1\ny = 2\n".utf8), "old.py": Array("z\n".utf8)])
    let after = try RecipeTree(["a.py": Array("x = 1\ny = 3\r\n".utf8), "new.py": Array("w".utf8)])
    let files = try #require(TrialPage.changes(from: before, to: after))
    #expect(files.map(\.path) == ["a.py", "new.py", "old.py"])
    #expect(files.map(\.change) == ["modified", "created", "deleted"])
    #expect(files[0].hunks.first?.lines == [" x = 1", "-y = 2", "+y = 3"])
    #expect(files[1].hunks.first?.lines == ["+w"])
  }
}

@Suite struct ImportedTests {
  @Test("an imported trial keeps what was written down, and says that nobody signed it")
  func trial() {
    var trial = RecordedTrial(position: 7, id: "007")
    trial.label = "keep"
    trial.outcome = .kept
    trial.score = Reading("1.25")
    trial.parent = ParentClaim(raw: "003", position: 3)
    trial.specialist = "arch"
    trial.recordedAt = "2026-01-01T00:00:10Z"
    trial.totalSeconds = Reading("12.5")
    trial.flags = [RecordFlag(.duplicateID, "007 twice")]
    let point = TrialPoint(trial, after: 5)
    #expect(point.state == .kept)
    #expect(point.score == "1.25")
    #expect(point.parent == 3)
    #expect(point.cpuSeconds == 12.5)
    #expect(point.decidedMs == 1_767_225_610_000)
    let page = TrialPage(trial, changes: nil)
    #expect(page.proof.state == .unverified)
    #expect(page.recordedAs == "007")
    #expect(page.flags == ["duplicate id: 007 twice"])

    var broken = RecordedTrial(position: 8, id: "x")
    broken.outcome = .unreadable
    broken.recordedAt = "yesterday"
    broken.artifactBytes = Reading("-5")
    let next = TrialPoint(broken, after: point.decidedMs ?? 0)
    #expect(next.decidedMs == 1_767_225_610_001)
    #expect(next.state == .failed)
    #expect(next.label == "unreadable")
    #expect(next.artifactBytes == 0)
    broken.outcome = .revoked
    #expect(TrialPoint(broken, after: 0).state == .revoked)
  }
}
