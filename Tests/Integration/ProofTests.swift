import AssayProof
import AssayProofTesting
import AssayRandom
import Foundation
import Testing

/// A record that leaves the machine: two verifiers that share no code find every change in it.
@Suite(.tags(.slow), .serialized, .timeLimit(.minutes(10))) struct ProofTests {
  private static let mutations = 10_000

  private static func believes(_ files: [String: [UInt8]]) async -> Bool {
    (try? await ProofVerifier().verify(ProofBundle(files: files))) != nil
  }

  /// What the Python verifier says of each bundle.
  private func independent(_ bundles: [[String: [UInt8]]]) async throws -> [Bool] {
    func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    var stream = Data()
    for files in bundles {
      stream += number(files.count)
      for (name, bytes) in files {
        stream += number(name.utf8.count) + Array(name.utf8) + number(bytes.count) + bytes
      }
    }
    let input = FileManager.default.temporaryDirectory.appending(path: "assay-bundles-\(UUID().uuidString)")
    try stream.write(to: input)
    defer { try? FileManager.default.removeItem(at: input) }
    let script = Program.repository.appending(path: "Tests/Integration/Fixtures/verify_stream.py").path
    let ended = try await Program.run(
      "/bin/sh", ["-c", "exec \"$0\" \"$1\" < \"$2\"", PythonSDKTests.python, script, input.path])
    try #require(ended.status == 0, "\(ended.errors)")
    return ended.output.map { $0 == "1" }
  }

  @Test(
    "10,000 random changes of a bundle: both verifiers find every one, and both believe the bundle itself")
  func mutations() async throws {
    let record = try SyntheticRecord(trials: 4, revocations: true, jobs: .honest)
    let other = try SyntheticRecord(
      run: "other", trials: 4, revocations: true, jobs: .honest, log: record.log,
      evaluator: record.evaluator)
    var random = SeededGenerator(seed: 42)
    var bundles = [record.bundle.files, other.bundle.files]
    for number in 0..<Self.mutations {
      let tampering = Tampering.allCases[number % Tampering.allCases.count]
      // Half of all changes are of single bytes.
      let kind = number % 2 == 0 ? .flip : tampering
      bundles.append(kind.files(record, other: other, using: &random))
    }
    let believed = try await independent(bundles)
    try #require(believed.count == bundles.count)
    #expect(Array(believed.prefix(2)) == [true, true])
    #expect(await Self.believes(bundles[0]))
    for (number, files) in bundles.enumerated().dropFirst(2) {
      let ours = await Self.believes(files)
      if ours || believed[number] {
        Issue.record("change \(number): we say \(ours), the other verifier \(believed[number])")
      }
    }
  }

  @Test(
    "revocations that contradict the record are found by both verifiers, and those that do not are believed by both"
  )
  func revocations() async throws {
    let stories = RevocationStory.allCases
    let bundles = try stories.map { try $0.record().bundle.files }
    let believed = try await independent(bundles)
    try #require(believed.count == stories.count)
    for (story, (files, theirs)) in zip(stories, zip(bundles, believed)) {
      let ours = await Self.believes(files)
      #expect(ours == story.holds && theirs == story.holds, "\(story): we say \(ours), the other \(theirs)")
    }
  }

  @Test("both verifiers refuse what no runner signed, and what a runner signed of something else")
  func jobs() async throws {
    let signed = try SyntheticRecord(trials: 1).job(0, .honest)
    // Every seventh byte of an envelope, but those of the key id, which DSSE does not sign.
    let hint = try #require(signed.firstRange(of: Array(#""keyid""#.utf8))).lowerBound
    let changes = stride(from: 0, to: signed.count, by: 7).filter { $0 < hint || $0 > hint + 80 }
    let kinds: [SyntheticRecord.Jobs] =
      [
        .none, .honest, .ofStranger, .ofEvaluator, .countersigned, .withoutVouching, .ofOtherPayload,
        .ofOtherStatement, .ofOtherPredicate, .ofOtherBuild, .ofOtherTrial, .ofOtherRun, .ofOtherArtifact,
        .missing, .ofOtherHardware,
      ] + changes.map { .changed(byte: $0) }
    let bundles = try kinds.map { try SyntheticRecord(trials: 1, jobs: $0).bundle.files }
    let theirs = try await independent(bundles)
    try #require(theirs.count == bundles.count)
    for (kind, (files, believed)) in zip(kinds, zip(bundles, theirs)) {
      let ours = await Self.believes(files)
      let holds = kind == .none || kind == .honest
      #expect(ours == holds && believed == holds, "\(kind): we say \(ours), the other verifier \(believed)")
    }
  }

  @Test("a run's own export: cosigned, believed by both, and one changed byte is found by both")
  func export() async throws {
    let run = Run()
    defer { try? FileManager.default.removeItem(atPath: run.state) }
    #expect(try await run.start("--trials", "4").ended().status == 0)
    let folder = run.state + "-proofs"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let exported = try await Program.assay("export", "--proofs", folder, "--state", run.state, "--json")
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(exported.rows.first?["cosigned"] as? Bool == true)
    #expect(exported.rows.first?["policy"] as? Bool == true)
    #expect(exported.rows.first?["trials"] as? Int == 5)
    let key = try #require(exported.rows.first?["evaluatorKey"] as? String)
    #expect(try await Program.assay("export", "--proofs", folder, "--state", run.state).status == 2)
    let independent = Program.repository.appending(path: "conformance/python/verify_proofs.py").path
    func both(_ expected: Int32) async throws {
      let ours = try await Program.assay("verify", folder, "--evaluator-key", key)
      #expect(ours.status == expected, "\(ours.output)\(ours.errors)")
      let theirs = try await Program.run(
        PythonSDKTests.python, [independent, folder, "--evaluator-key", key])
      #expect(theirs.status == expected, "\(theirs.output)\(theirs.errors)")
    }
    try await both(0)
    // What the runner signed goes with it.
    let shown = try #require(try await run.ask("show", "1").rows.first?["provenance"] as? [String: Any])
    #expect(shown["valid"] as? Bool == true)
    #expect((shown["jobs"] as? Int ?? 0) >= 3, "a training and two predictions at least: \(shown)")
    #expect((shown["runners"] as? [String])?.count == 1)
    // One verdict by itself.
    let one = folder + ".proof"
    defer { try? FileManager.default.removeItem(atPath: one) }
    #expect(try await run.ask("show", "1", "--proof", one).status == 0)
    #expect(try await Program.assay("verify", one).status == 2)
    let logKey = try #require(exported.rows.first?["logKey"] as? String)
    let proved = try await Program.assay(
      "verify", one, "--evaluator-key", key, "--log-key", logKey, "--json")
    #expect(proved.status == 0, "\(proved.errors)")
    #expect(proved.rows.first?["trial"] as? Int == 1)
    #expect(
      try await Program.assay("verify", one, "--evaluator-key", logKey, "--log-key", key).status == 4)
    let file = folder + "/statements"
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: file))
    try await both(4)
  }
}
