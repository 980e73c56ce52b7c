import AssayIdentity
import AssayMessages
import AssayRPC
import AssayVerdict
import Foundation
import Testing

@testable import AssayEvaluator

/// What runners sign of their jobs: refused when it is not theirs or says something else, named by the verdict when it is.
@Suite(.timeLimit(.minutes(2))) struct ProvenanceTests {
  private func refusal(_ body: () async throws -> Void) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      return error
    }
    Issue.record("nothing was refused")
    return RPCError(.ok, "")
  }

  @Test(
    "a report whose provenance is missing, another's, or says something else is not believed, and charges nobody"
  )
  func disagreements() async throws {
    try await EvaluatorHarness.with(try Bench()) { harness in
      try await harness.open()
      let runner = harness.runner()
      let artifact = Array("artifact".utf8)
      let changes: [(String, (inout RunnerV1.CompleteJobRequest, RunnerV1.Job) -> Void)] = [
        ("without a signed", { report, _ in report.provenance = [] }),
        ("cannot be used", { report, _ in report.provenance = Array("{}".utf8) }),
        (
          "not signed by",
          { report, job in report = runner.signed(report, job, by: harness.key("runner/two")) }
        ),
        ("what was measured", { report, _ in report.cpuNs -= 1 }),
        ("the log", { report, _ in report.log = "other" }),
        (
          "what was to be run",
          { report, job in
            var other = job
            other.command += ["--more"]
            report.provenance = runner.signed(report, other).provenance
          }
        ),
        (
          "what was to be run",
          { report, job in
            var older = job
            older.fencingToken -= 1
            report.provenance = runner.signed(report, older).provenance
          }
        ),
        (
          "the GPUs that it had",
          { report, job in
            let gpu = ProvenanceStatement.GPU(
              uuid: "GPU-a", model: "m", samples: 1, peakMemoryBytes: nil, meanUtilization: nil)
            report.provenance = runner.signed(report, job, gpus: [gpu]).provenance
          }
        ),
        (
          "it was run on other, and the run is measured on c",
          { report, job in report = runner.signed(report, job, processor: "other") }
        ),
        (
          "it was run on , and the run is measured on c",
          { report, job in report = runner.signed(report, job, processor: "") }
        ),
        (
          "is not what was prepared here",
          { report, job in
            let digest = String(repeating: "0", count: 64)
            report.provenance = runner.signed(report, job, mounts: ["bench/data": digest]).provenance
          }
        ),
        (
          "more than one signature",
          { report, job in
            let other = (try? DSSEEnvelope(json: report.provenance))?.json() ?? []
            report.provenance = Array(
              String(decoding: other, as: UTF8.self).replacing(
                #"signatures":["#, with: #"signatures":[{"sig":"AAAA"},"#
              ).utf8)
          }
        ),
      ]
      for (expected, change) in changes {
        // Refused reports are failures of a runner: the job comes again until it was tried as often as is tried.
        try await harness.bench.forgetFailures(of: harness.evaluator)
        let job = try #require(try await runner.lease())
        _ = try await runner.put(job, artifact)
        var report = runner.completion(job, .init(output: artifact))
        change(&report, job)
        let sent = report
        let error = try await refusal { _ = try await runner.client.completeJob(sent) }
        #expect(error.reason == "PROVENANCE_REFUSED" && error.message.contains(expected), "\(error)")
      }
    }
  }

  @Test("a job that needs GPUs was run with as many, each once")
  func gpus() {
    var job = RunnerV1.Job()
    job.gpus = RunnerV1.GPUNeed()
    job.gpus?.count = 2
    let report = RunnerV1.CompleteJobRequest()
    func disagreement(_ uuids: [String]?) -> String? {
      let gpus = uuids?.map {
        ProvenanceStatement.GPU(
          uuid: $0, model: "m", samples: 0, peakMemoryBytes: nil, meanUtilization: nil)
      }
      return ProvenanceStatement(
        of: job, report, mounts: [:],
        host: .init(kernel: "k", cpu: "c", cores: [], isolation: "full", gpus: gpus), version: "test",
        started: .now, finished: .now
      ).disagreement(with: job, report)
    }
    #expect(disagreement(["GPU-a", "GPU-b"]) == nil)
    for wrong in [nil, [], ["GPU-a"], ["GPU-a", "GPU-a"], ["GPU-a", "GPU-b", "GPU-c"]] {
      #expect(disagreement(wrong) == "the GPUs that it had", "\(wrong ?? [])")
    }
  }

  @Test(
    "what a runner states of a GPU is kept whole, and statements from before it stated more are read as ever")
  func facts() throws {
    let key = IdentityKey()
    var job = RunnerV1.Job()
    job.gpus = RunnerV1.GPUNeed()
    job.gpus?.count = 1
    let report = RunnerV1.CompleteJobRequest()
    var gpu = ProvenanceStatement.GPU(
      uuid: "GPU-a", model: "m", samples: 3, peakMemoryBytes: 1, meanUtilization: 2, uncorrectedErrors: 0)
    let old = gpu
    gpu.driver = "550.54.15"
    gpu.clocks = .init(meanSM: 1, maxSM: 2, meanMemory: 3, maxMemory: 4, setSM: 5, setMemory: 6)
    gpu.maxTemperature = 60
    gpu.energyMillijoules = 7
    (gpu.processLooks, gpu.unknownProcessLooks) = (3, 0)
    gpu.xids = ["31": 1]
    gpu.listened = "whole"
    for gpu in [old, gpu] {
      let statement = ProvenanceStatement(
        of: job, report, mounts: [:],
        host: .init(kernel: "k", cpu: "c", cores: [], isolation: "full", gpus: [gpu]), version: "test",
        started: .now, finished: .now)
      let envelope = try statement.signed(with: key)
      #expect(statement.disagreement(with: job, report) == nil)
      #expect(try ProvenanceStatement.verified(envelope: envelope, key: key.publicIdentity) == statement)
    }
    // As it was signed before.
    let text =
      #"{"uuid":"GPU-a","model":"m","samples":3,"peakMemoryBytes":1,"meanUtilization":2,"uncorrectedErrors":0}"#
    #expect(try JSONDecoder().decode(ProvenanceStatement.GPU.self, from: Data(text.utf8)) == old)
  }

  @Test("a verdict names what runners signed of its jobs, and the keys that they signed with")
  func named() async throws {
    try await EvaluatorHarness.with(try Bench(), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let trial = try await harness.submit(try Bench.edit(width: "2"))
      let verdict = try await harness.verdict(trial)
      let statement = try VerdictStatement.verified(
        envelope: verdict.envelope, key: harness.bench.key.publicIdentity)
      let digests = try #require(statement.facts.provenanceDigests)
      // One training; one prediction for each of the scorer's groups.
      #expect(digests.count >= 2)
      #expect(statement.facts.runnerKeys == [harness.key("runner/one").publicIdentity.text])
      #expect(statement.facts.hardware == "c")
      #expect(try await harness.evaluator.state(EvaluatorHarness.run).hardware == "c")
      let kept = try await harness.evaluator.store.read { database in
        try Provenance.fetch(database, run: EvaluatorHarness.run, trial: trial)
      }
      #expect(kept.map { VerdictStatement.digest($0.envelope) } == digests)
      let made = try kept.map {
        try ProvenanceStatement.verified(
          envelope: $0.envelope, key: harness.key("runner/one").publicIdentity)
      }
      #expect(made.allSatisfy { $0.definition.externalParameters.trial == trial })
      // The recipe is named as the verdict names it, and the artifact is what the training left.
      #expect(
        made.allSatisfy {
          $0.definition.externalParameters.recipe.digest["sha256"] == statement.facts.snapshotID
        })
      let outputs = Set(made.flatMap(\.subjects).compactMap { $0.digest["sha256"] })
      #expect(!statement.facts.artifactDigests.isEmpty)
      #expect(Set(statement.facts.artifactDigests).isSubset(of: outputs))
    }
  }
}

extension Bench {
  /// So that a test may fail a job more often than a run would.
  func forgetFailures(of evaluator: Evaluator) async throws {
    try await evaluator.store.write { database in
      try database.execute(
        sql: "UPDATE jobs SET failures = 0, available_at_ms = 0 WHERE state = 'queued'")
    }
  }
}
