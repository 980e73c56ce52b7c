import AssayIdentity
import AssayProofTesting
import AssayRandom
import Foundation
import Testing

@testable import AssayProof

@Suite struct ProofTests {
  private func verify(
    _ files: [String: [UInt8]], _ change: (inout ProofVerifier) -> Void = { _ in }
  ) async throws -> ProofVerifier.Summary {
    var verifier = ProofVerifier()
    change(&verifier)
    return try await verifier.verify(ProofBundle(files: files))
  }

  /// The code with which files are refused; nil when they are believed.
  private func refusal(
    _ files: [String: [UInt8]], _ change: (inout ProofVerifier) -> Void = { _ in }
  ) async throws -> ProofError.Code? {
    do {
      _ = try await verify(files, change)
      return nil
    } catch let error as ProofError {
      return error.code
    }
  }

  @Test func anHonestRecordHolds() async throws {
    let record = try SyntheticRecord(trials: 30)
    let summary = try await verify(record.bundle.files) { $0.evaluatorKey = record.evaluator.publicIdentity }
    #expect(summary.run == "r")
    #expect(summary.trials == 30)
    #expect(summary.statements == 32)
    #expect(summary.policy && summary.cosigned && summary.finished)
    #expect(summary.best == 1)
    #expect(summary.labels["baseline"] == 1)
  }

  @Test func revokedTrialsAreToldFromThoseThatStand() async throws {
    let summary = try await verify(try SyntheticRecord(trials: 9, revocations: true).bundle.files)
    #expect(summary.revoked == [1, 2] && summary.audits == 1)
    #expect(summary.finished && !summary.reportStands, "the report names trial 1")
    #expect(summary.best == 0, "trial 8 descends from what a person revoked")
    #expect(summary.labels["keep"] == 2, "labels count what was decided")
    let byRule = try await verify(try RevocationStory.byRule.record().bundle.files)
    #expect(byRule.best == 1 && byRule.revoked == [2, 8])
    let descendant = try await verify(try RevocationStory.descendantOfBrokenRule.record().bundle.files)
    #expect(descendant.best == 8 && descendant.reportStands)
    let plain = try await verify(try SyntheticRecord(trials: 9).bundle.files)
    #expect(plain.reportStands && plain.revoked.isEmpty && plain.audits == 0)
  }

  @Test(arguments: RevocationStory.allCases)
  func revocationsThatContradictTheRecordAreFound(_ story: RevocationStory) async throws {
    #expect(try await refusal(try story.record().bundle.files) == (story.holds ? nil : .record))
  }

  @Test(
    "what runners signed of a verdict's jobs is there, theirs, of that trial, and left what was scored",
    arguments: [
      (.honest, nil), (.ofStranger, .signature), (.ofEvaluator, .signature), (.countersigned, .signature),
      (.withoutVouching, .signature), (.ofOtherPayload, .signature), (.ofOtherStatement, .record),
      (.ofOtherPredicate, .record), (.ofOtherBuild, .record), (.ofOtherTrial, .record),
      (.ofOtherRun, .record), (.ofOtherArtifact, .record), (.missing, .object),
      (.ofOtherHardware, .record),
    ] as [(SyntheticRecord.Jobs, ProofError.Code?)])
  func jobs(_ jobs: SyntheticRecord.Jobs, _ expected: ProofError.Code?) async throws {
    #expect(try await refusal(try SyntheticRecord(trials: 4, jobs: jobs).bundle.files) == expected)
  }

  @Test("every changed byte of what a runner signed is found, also where a verdict names it as it is now")
  func everyChangedByteOfAJobIsFound() async throws {
    let record = try SyntheticRecord(trials: 1)
    let envelope = try record.job(0, .honest)
    func isBelieved(_ envelope: [UInt8]) -> Bool {
      (try? JobClaim.read(envelope, by: [record.runner.publicIdentity], run: "r", trial: 0)) != nil
    }
    #expect(isBelieved(envelope))
    // DSSE signs no key id: it is a hint. Which bytes it has, the verdict's digest says.
    let text = String(decoding: envelope, as: UTF8.self)
    let hint = try #require(text.firstRange(of: #""keyid":"\#(record.runner.publicIdentity.text)","#))
    let unsigned =
      text.utf8.distance(
        from: text.startIndex, to: hint.lowerBound)..<text.utf8.distance(
        from: text.startIndex, to: hint.upperBound)
    for place in envelope.indices where !unsigned.contains(place) {
      for bit in 0..<8 {
        var changed = envelope
        changed[place] ^= 1 << UInt8(bit)
        #expect(!isBelieved(changed), "byte \(place), bit \(bit)")
      }
      var shorter = envelope
      shorter.remove(at: place)
      #expect(!isBelieved(shorter), "without byte \(place)")
    }
  }

  @Test func emptyAndUnfinishedRecordsHold() async throws {
    let begun = try SyntheticRecord(trials: 0, report: false)
    #expect(try await verify(begun.bundle.files).trials == 0)
    let old = try SyntheticRecord(trials: 3, policy: false, report: false)
    let summary = try await verify(old.bundle.files)
    #expect(!summary.policy && !summary.finished)
  }

  @Test(arguments: [false, true])
  func everyChangedByteIsFound(revocations: Bool) async throws {
    let files = try SyntheticRecord(
      trials: revocations ? 3 : 1, revocations: revocations, jobs: revocations ? .none : .honest
    ).bundle.files
    for (name, bytes) in files {
      for place in bytes.indices {
        var changed = files
        changed[name]?[place] ^= 1 << UInt8(place % 8)
        #expect(try await refusal(changed) != nil, "\(name), byte \(place)")
      }
    }
  }

  @Test(arguments: Tampering.allCases)
  func everyTamperingIsFound(_ tampering: Tampering) async throws {
    let record = try SyntheticRecord(trials: 8, revocations: true, jobs: .honest)
    let other = try SyntheticRecord(
      run: "other", trials: 8, revocations: true, jobs: .honest, log: record.log, evaluator: record.evaluator)
    var random = SeededGenerator(seed: 11)
    for _ in 0..<20 {
      #expect(try await refusal(tampering.files(record, other: other, using: &random)) != nil)
    }
  }

  @Test func keysFromElsewhereDecide() async throws {
    let record = try SyntheticRecord(trials: 2)
    let files = record.bundle.files
    #expect(try await refusal(files) { $0.evaluatorKey = IdentityKey().publicIdentity } == .wrongKey)
    #expect(try await refusal(files) { $0.logKey = IdentityKey().publicIdentity } == .wrongKey)
    // A forger with keys of his own agrees with himself; only the key tells.
    let forged = try SyntheticRecord(trials: 2).bundle.files
    #expect(try await refusal(forged) == nil)
    #expect(try await refusal(forged) { $0.evaluatorKey = record.evaluator.publicIdentity } == .wrongKey)
  }

  @Test func aLogWithoutItsEvaluatorIsBelievedOnRequestOnly() async throws {
    let record = try SyntheticRecord(trials: 2)
    var bundle = record.bundle
    bundle.checkpoint = record.checkpoint(cosigner: nil)
    #expect(try await refusal(bundle.files) == .signature)
    #expect(try await !verify(bundle.files) { $0.acceptsUncosigned = true }.cosigned)
    bundle.checkpoint = record.checkpoint(cosigner: IdentityKey())
    #expect(try await refusal(bundle.files) { $0.acceptsUncosigned = true } == .signature)
  }

  @Test func aForkIsFoundByAnEarlierCheckpoint() async throws {
    let record = try SyntheticRecord(trials: 6, report: false)
    for size in 0...7 {
      let earlier = record.checkpoint(of: size, cosigner: nil)
      #expect(try await refusal(record.bundle.files) { $0.earlier = earlier } == nil)
    }
    // Both keys have signed another record under the same name.
    let fork = try SyntheticRecord(
      trials: 4, policy: false, report: false, log: record.log, evaluator: record.evaluator)
    let seen = fork.checkpoint(of: 3, cosigner: nil)
    #expect(try await refusal(record.bundle.files) { $0.earlier = seen } == .log)
    let longer = try SyntheticRecord(trials: 9, log: record.log, evaluator: record.evaluator)
    #expect(
      try await refusal(record.bundle.files) { $0.earlier = longer.checkpoint(cosigner: nil) } == .log)
    #expect(
      try await refusal(record.bundle.files) {
        $0.earlier = (try? SyntheticRecord(trials: 1).checkpoint(cosigner: nil)) ?? []
      } == .signature)
  }

  /// Everything is signed here, by the right keys: what is wrong is what it says.
  @Test func signedContradictionsAreFound() async throws {
    func refused(_ policy: Bool = true, _ change: (inout SyntheticRecord) throws -> Void) async throws
      -> ProofError.Code?
    {
      var record = try SyntheticRecord(trials: 3, policy: policy, report: false)
      try change(&record)
      return try await refusal(record.bundle.files)
    }
    let digest = try #require(try SyntheticRecord(trials: 0, report: false).statements.first.map(Digest.hex))
    #expect(try await refused { try $0.add(3, label: .discard, policy: digest) } == .record)
    #expect(try await refused(false) { try $0.add(3, label: .discard, policy: nil) } == nil)
    #expect(try await refused(false) { try $0.add(2, label: .keep, parent: 1, policy: nil) } == .record)
    #expect(try await refused(false) { try $0.add(3, label: .discard, parent: 3, policy: nil) } == .record)
    #expect(try await refused(false) { try $0.add(3, label: .baseline, policy: nil) } == .record)
    #expect(try await refused(false) { try $0.add(3, label: .keep, policy: nil, run: "x") } == .record)
    for (hardware, expected) in [("one", nil), ("another", ProofError.Code.record)] {
      #expect(
        try await refused(false) {
          try $0.add(3, label: .discard, policy: nil, hardware: "one")
          try $0.add(4, label: .discard, policy: nil, hardware: hardware)
        } == expected)
    }
    #expect(try await refused(false) { try $0.add(policy: SyntheticRecord.policy("r")) } == .record)
    #expect(try await refused { try $0.add(report: 2) } == .record)
    #expect(
      try await refused(false) {
        try $0.add(report: 1)
        try $0.add(3, label: .keep, policy: nil)
      } == .record)
  }

  @Test func theFolderIsReadAsItWasWritten() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-proof-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bundle = try SyntheticRecord(trials: 3).bundle
    try bundle.write(to: folder)
    #expect(try ProofBundle.read(from: folder) == bundle)
    try Data().write(to: URL(filePath: folder + "/more"))
    #expect(throws: ProofError.self) { try ProofBundle.read(from: folder) }
    #expect(throws: ProofError.self) { try ProofBundle.read(from: folder + "/nowhere") }
  }

  @Test func oneStatementIsProvedByItself() throws {
    let record = try SyntheticRecord(trials: 9)
    let bundle = record.bundle
    func holds(_ text: String, by evaluator: IdentityKey? = nil) -> StatementProof.Summary? {
      try? StatementProof(text: text).verify(
        evaluatorKey: (evaluator ?? record.evaluator).publicIdentity, logKey: record.log.publicIdentity)
    }
    for index in bundle.statements.indices {
      let proof = try #require(StatementProof(of: index, in: bundle))
      let summary = try #require(holds(proof.text))
      #expect(summary.index == UInt64(index) && summary.size == 11 && summary.run == "r")
      if index == 2 { #expect(summary.trial == 1 && summary.label == "keep") }
      #expect(holds(proof.text, by: record.log) == nil)
      var moved = proof
      moved.index = (moved.index + 1) % 11
      #expect(holds(moved.text) == nil)
      var swapped = proof
      swapped.envelope = bundle.statements[(index + 1) % 11]
      #expect(holds(swapped.text) == nil)
    }
    #expect(StatementProof(of: 11, in: bundle) == nil)
    let text = try #require(StatementProof(of: 3, in: bundle)).text
    for place in text.utf8.indices {
      var bytes = Array(text.utf8)
      bytes[text.utf8.distance(from: text.startIndex, to: place)] ^= 1
      #expect(holds(String(decoding: bytes, as: UTF8.self)) == nil)
    }
  }
}
