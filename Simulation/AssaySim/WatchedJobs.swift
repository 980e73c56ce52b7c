import AssayEvaluator
import AssayMessages
import AssayRPC
import AssayServices

/// The evaluator's job service, watched: leases do not overlap, and only the newest one completes a job.
struct WatchedJobs: JobService {
  let world: World
  let evaluator: Evaluator
  private var truth: Truth { world.truth }

  private func holder(_ runner: String, _ context: CallContext) -> String { "\(context.peer.name)#\(runner)" }

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    let response = try await evaluator.leaseJob(request, context)
    if let job = response.job { note(job, holder(request.runner, context), context) }
    return response
  }

  private func note(_ job: RunnerV1.Job, _ holder: String, _ context: CallContext) {
    world.trace("\(holder) is given \(job.jobId) with token \(job.fencingToken)")
    if let grant = truth.grants[job.jobId] {
      // Answers may leave in another order than leases were granted in.
      guard job.fencingToken >= grant.token else { return }
      if job.fencingToken == grant.token {
        truth.violation("two leases of \(job.jobId) have token \(grant.token)")
      }
      if grant.holder != holder, !grant.isOver, grant.until > world.scheduler.now {
        truth.violation("\(holder) got \(job.jobId) while \(grant.holder) had it")
      }
    }
    if let token = truth.completed[job.jobId], token < job.fencingToken {
      truth.violation("\(job.jobId) was leased after it was completed")
    }
    truth.grants[job.jobId] = Truth.Grant(
      holder: holder, token: job.fencingToken, until: world.scheduler.now + Int64(job.leaseMs) * 999_000)
    world.seen(job, holder, context)
  }

  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    let now = world.scheduler.now
    let (request, context) = (world.unfenced(request, context))
    let response = try await evaluator.heartbeat(request, context)
    if !response.cancel, var grant = truth.grants[request.jobId], grant.token == request.fencingToken {
      grant.until = max(grant.until, now + Int64(response.leaseMs) * 999_000)
      world.trace("\(grant.holder) keeps \(request.jobId) until \(grant.until / 1_000_000) ms")
      truth.grants[request.jobId] = grant
    }
    return response
  }

  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let holder = holder(request.runner, context)
    let token = request.fencingToken
    let (passed, caller) = try world.unfencedReport(request, context)
    // Its holder is through with the job, whatever becomes of the report, and of a heartbeat that is still under way: a commit that a
    // failing disk refused may still be found after a restart.
    if truth.grants[request.jobId]?.token == token, truth.grants[request.jobId]?.holder == holder {
      truth.grants[request.jobId]?.isOver = true
    }
    let response = try await evaluator.completeJob(passed, caller)
    if let grant = truth.grants[request.jobId] {
      if grant.token != token || grant.holder != holder {
        truth.violation(
          "\(holder) completed \(request.jobId) with token \(token), and \(grant.holder) has it with \(grant.token)"
        )
      }
    }
    if request.outcome != .infrastructure, !request.handedBack { truth.completed[request.jobId] = token }
    return response
  }

  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    let (request, context) = world.unfenced(request, context)
    return try await evaluator.getBlob(request, context)
  }

  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    let (request, context) = world.unfenced(request, context)
    return try await evaluator.putBlob(request, context)
  }
}

/// What of a job's calls names the lease.
protocol Fenced {
  var jobId: String { get }
  var fencingToken: UInt64 { get set }
  var slot: String { get set }
}
extension RunnerV1.HeartbeatRequest: Fenced {
  var slot: String {
    get { runner }
    set { runner = newValue }
  }
}
extension RunnerV1.CompleteJobRequest: Fenced {
  var slot: String {
    get { runner }
    set { runner = newValue }
  }
}
extension RunnerV1.GetBlobRequest: Fenced {
  var slot: String {
    get { "" }
    set {}
  }
}
extension RunnerV1.PutBlobRequest: Fenced {
  var slot: String {
    get { "" }
    set {}
  }
}
