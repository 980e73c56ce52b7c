import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServices
import Crypto
import Synchronization

/// The evaluator's side of a runner: gives out one job at a time, and remembers what became of it.
final class JobDesk: JobService {
  struct State {
    var job: RunnerV1.Job?
    var blobs: [String: [UInt8]] = [:]
    var uploads: [String: [UInt8]] = [:]
    var heartbeats: [RunnerV1.HeartbeatRequest] = []
    var reports: [RunnerV1.CompleteJobRequest] = []
    /// What was given out, with its id and token; the key that its report came with.
    var given: RunnerV1.Job?
    var reporter: PublicIdentity?
    /// Idempotency keys of the reports.
    var keys: [String] = []
    /// Slots that asked for a job.
    var askers: Set<String> = []
    var leases = 0
    /// What the next calls are told instead of being answered.
    var reportRefusals: [RPCError] = []
    var uploadRefusals: [RPCError] = []
    var cancels = false
    var token: UInt64 = 0
  }
  let state = Mutex(State())

  // MARK: What the suite does

  /// Waits until a condition holds.
  func wait(_ limit: Duration, for what: String, _ condition: (borrowing State) -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while !state.withLock({ condition($0) }) {
      guard ContinuousClock.now < end else { throw Mismatch("\(what): not within \(limit)") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Puts a job up, forgetting the one before.
  func give(_ job: RunnerV1.Job, blobs: [[UInt8]] = []) {
    state.withLock { state in
      let (askers, leases, token) = (state.askers, state.leases, state.token + 1)
      state = State()
      (state.askers, state.leases, state.token) = (askers, leases, token)
      state.job = job
      state.job?.jobId = "conformance/\(token)"
      state.job?.fencingToken = token
      state.given = state.job
      for blob in blobs { state.blobs[JobPlayer.digest(blob)] = blob }
    }
  }

  /// Puts a job up, and waits for the report of it.
  func run(_ job: RunnerV1.Job, blobs: [[UInt8]] = [], within limit: Duration = .seconds(60)) async throws
    -> RunnerV1.CompleteJobRequest
  {
    give(job, blobs: blobs)
    return try await report(within: limit)
  }

  func report(within limit: Duration = .seconds(60)) async throws -> RunnerV1.CompleteJobRequest {
    try await wait(limit, for: "a report") { !$0.reports.isEmpty }
    return state.withLock { $0.reports[0] }
  }

  // MARK: JobService

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    let end = ContinuousClock.now + context.waitLimit(milliseconds: request.waitMs)
    var response = RunnerV1.LeaseJobResponse()
    while response.job == nil {
      response.job = state.withLock { state in
        state.askers.insert(request.runner)
        defer { state.job = nil }
        if state.job != nil { state.leases += 1 }
        return state.job
      }
      guard response.job == nil, ContinuousClock.now < end, !Task.isCancelled else { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    return response
  }

  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    state.withLock { state in
      state.heartbeats.append(request)
      var response = RunnerV1.HeartbeatResponse()
      response.cancel = state.cancels || request.fencingToken != state.token
      return response
    }
  }

  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let refusal: RPCError? = state.withLock { state in
      guard request.fencingToken == state.token else {
        return RPCError(.failedPrecondition, reason: "LEASE_LOST", "this lease is not the newest")
      }
      state.keys.append(context.idempotencyKey)
      if !state.reportRefusals.isEmpty { return state.reportRefusals.removeFirst() }
      state.reports.append(request)
      state.reporter = context.peer.identity
      return nil
    }
    if let refusal { throw refusal }
    return .init()
  }

  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    guard let blob = state.withLock({ $0.blobs[request.digest] }) else {
      throw RPCError(.permissionDenied, "no such input")
    }
    var response = RunnerV1.GetBlobResponse()
    response.size = UInt64(blob.count)
    response.data = Array(blob.dropFirst(Int(request.offset)).prefix(Int(min(request.maxBytes, 1 << 20))))
    return response
  }

  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    let answer: Result<RunnerV1.PutBlobResponse, RPCError> = state.withLock { state in
      if !state.uploadRefusals.isEmpty { return .failure(state.uploadRefusals.removeFirst()) }
      var blob = state.uploads[request.digest] ?? []
      if Int(request.offset) == blob.count { blob += request.data }
      state.uploads[request.digest] = blob
      var response = RunnerV1.PutBlobResponse()
      response.received = UInt64(blob.count)
      response.complete = UInt64(blob.count) == request.size
      return .success(response)
    }
    return try answer.get()
  }
}
