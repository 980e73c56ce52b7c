import AssayIdentity
import AssayMessages
import AssayVerdict

extension RunReader {
  /// What the lineage has of the runners' statements of a trial, unchecked.
  func provenance(of trial: UInt32) async throws -> [[UInt8]] {
    var request = LineageV1.GetTrialRequest()
    request.runId = description.runID
    request.trial = trial
    request.provenance = true
    return try await lineage.getTrial(request, quick).provenance
  }

  /// The statements that a trial's verdict names, checked against it; nil when it names none.
  func provenance(of record: LineageV1.TrialRecord, key: [UInt8]) async throws -> TrialDetail.Provenance? {
    guard !record.envelope.isEmpty, let identity = try? PublicIdentity(bytes: key),
      let verdict = try? VerdictStatement.verified(envelope: record.envelope, key: identity),
      let digests = verdict.facts.provenanceDigests
    else { return nil }
    let envelopes = try await provenance(of: verdict.verdict.trial)
    let runners = verdict.facts.runnerKeys ?? []
    let keys = runners.compactMap { try? PublicIdentity(text: $0) }
    let statements = envelopes.compactMap { envelope in
      keys.lazy.compactMap { try? ProvenanceStatement.verified(envelope: envelope, key: $0) }.first
    }
    let areOfTrial = statements.allSatisfy {
      $0.definition.externalParameters.run == verdict.verdict.runId
        && $0.definition.externalParameters.trial == verdict.verdict.trial
    }
    let hosts = Set(statements.map { "\($0.host.kernel), \($0.host.cpu); \($0.host.isolation)" })
    let gpus = statements.flatMap { statement in
      (statement.host.gpus ?? []).map { gpu in
        TrialDetail.GPU(gpu, phase: statement.definition.externalParameters.phase)
      }
    }
    return TrialDetail.Provenance(
      jobs: digests.count,
      valid: envelopes.map(VerdictStatement.digest) == digests && statements.count == digests.count
        && areOfTrial, runners: runners, hosts: hosts.sorted(), gpus: gpus)
  }
}
