import AssayMessages
import AssayRPC
import AssayServices
import AssayTask
import Foundation
import GRDB
import Metrics
import Synchronization

/// What runners ask. A runner is believed about what it measured, never about what it may have: every call names a lease,
/// and a lease belongs to the proven identity and slot that got it.
extension Evaluator: JobService {
  private func holder(_ runner: String, _ context: CallContext) throws -> String {
    guard !runner.isEmpty, runner.utf8.count <= 128 else {
      throw RPCError(.invalidArgument, reason: "MISSING_RUNNER", "name the runner's slot, such as 'host-1/0'")
    }
    let holder = "\(context.peer.name)#\(runner)"
    let now = configuration.clock.now()
    slots.withLock { slots in
      slots[holder] = now
      if slots.count > 10_000 { slots = slots.filter { now - $0.value < 120_000 } }
    }
    return holder
  }

  public func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    let holder = try holder(request.runner, context)
    let offer = try RunnerOffer(request)
    let host = RunnerHostID(holder: holder)
    try await register(host, offer, isolation: request.isolation)
    var response = RunnerV1.LeaseJobResponse()
    if let held = try await lease(holder, offer, reclaimOnly: true) {
      response.job = held
      return response
    }
    let line = lines.withLock { lines in
      if lines.count > 1000 { lines = lines.filter { $0.value.count > 0 } }
      let line = lines[offer] ?? WaitingLine()
      lines[offer] = line
      return line
    }
    response.job = try await Waiting.first(within: context.waitLimit(milliseconds: request.waitMs)) {
      while true {
        // A host that gets nothing must not stand in the way of those that do.
        try await self.admitted(host, context)
        let job: RunnerV1.Job? = try await line.atHead(for: context) {
          while try await self.isActive(host) {
            let seen = self.jobs.generation
            if let job = try await self.lease(holder, offer) { return job }
            try await context.whileWaiting { try await self.waitingOffers.wait(offer, past: seen) }
          }
          // It may have been woken for a job that it must not have now.
          self.jobs.raise()
          return nil
        }
        if let job { return job }
      }
    }
    return response
  }

  /// Keeps what a host offers, when that has changed.
  private func register(_ host: RunnerHostID, _ offer: RunnerOffer, isolation: String) async throws {
    guard offers.withLock({ $0[host] }) != offer else { return }
    let now = configuration.clock.now()
    let isolation = Bounded.text(isolation, 1000)
    try await commit { [roster] database in
      try roster.register(database, host, offer, isolation: isolation, now: now)
    }
    offers.withLock { offers in
      if offers.count > 10_000 { offers = [:] }
      offers[host] = offer
    }
  }

  private func isActive(_ host: RunnerHostID) async throws -> Bool {
    try await consult { [roster] database in try roster.state(database, host) == .active }
  }

  /// Waits until a host may have jobs.
  private func admitted(_ host: RunnerHostID, _ context: CallContext) async throws {
    while true {
      let seen = jobs.generation
      if try await isActive(host) { return }
      try await context.whileWaiting { try await jobs.wait(past: seen) }
    }
  }

  private func lease(_ holder: String, _ offer: RunnerOffer, reclaimOnly: Bool = false) async throws
    -> RunnerV1.Job?
  {
    let now = configuration.clock.now()
    let job: RunnerV1.Job? = try await commit { [queue, roster] database in
      // In the same transaction: a host that is being drained gets nothing at the last moment.
      if !reclaimOnly, try roster.state(database, RunnerHostID(holder: holder)) != .active { return nil }
      return try queue.lease(database, holder: holder, offer: offer, now: now, reclaimOnly: reclaimOnly)
    }
    if let job {
      deadlines.raise()
      changes.raise()
      // A host may have been kept for it that has other work now.
      if job.gpus != nil { jobs.raise() }
    }
    return job
  }

  public func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    let holder = try holder(request.runner, context)
    let now = configuration.clock.now()
    let wanted = try await commit { [queue] database in
      try queue.heartbeat(database, id: request.jobId, token: request.fencingToken, holder: holder, now: now)
    }
    deadlines.raise()
    var response = RunnerV1.HeartbeatResponse()
    response.cancel = !wanted
    response.leaseMs = UInt32(clamping: queue.leaseMilliseconds)
    return response
  }

  public func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let holder = try holder(request.runner, context)
    let now = configuration.clock.now()
    let identity = context.peer.identity
    let fault = try await commit { database -> String? in
      var fault: String?
      let completion = try self.queue.complete(database, request, holder: holder, now: now) { job in
        fault = self.fault(
          of: request, job, on: try JobQueue.hardware(database, run: job.measurement.run), by: identity)
        return fault
      }
      switch completion {
      case .known, .again: break
      case .abandoned(let abandoned):
        try self.advance(database, abandoned.measurement, .jobAbandoned(abandoned.reason))
      case .ended(let job):
        for (host, reason) in try self.roster.ended(
          database, job: job.id, on: RunnerHostID(holder: holder), now: now)
        {
          self.logger.warning("runner \(host) is in quarantine: \(reason)")
        }
        // No verdict rests on a smoke run, whose number is of another count than the trials'.
        if job.measurement.purpose != .smoke {
          try Provenance.insert(database, job, request.provenance, by: identity)
        }
        let run = try RunRow.fetch(database, job.measurement.run)
        let file = try self.owned(run.taskName).task.file
        let phase =
          switch job.spec.phase {
          case "train", "smoke": file.train
          case "probe": file.probe?.train ?? file.train
          default: file.predict
          }
        let report = JobReport(request, phase: phase, runner: holder)
        try self.advance(database, job.measurement, .jobEnded(job.key, report))
      }
      return fault
    }
    blobs.forget(job: uploadKey(request.jobId, request.fencingToken))
    announce()
    if let fault {
      logger.warning("the report of \(request.jobId) by \(holder) is refused: \(fault)")
      throw RPCError(
        .invalidArgument, reason: "PROVENANCE_REFUSED",
        "the report is not believed: \(fault). Sign what was measured, and mount what the task's owner prepared; the job is given out again."
      )
    }
    return RunnerV1.CompleteJobResponse()
  }

  public func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    let job = try await heldJob(request.jobId, request.fencingToken, context)
    guard job.spec.files.contains(where: { $0.digest == request.digest }) else {
      throw RPCError(
        .permissionDenied, reason: "NOT_AN_INPUT",
        "this job has no input with this digest; read those that the job lists")
    }
    let count = request.maxBytes == 0 ? 1 << 20 : min(Int(request.maxBytes), 1 << 20)
    let part = try await blobs.part(request.digest, offset: request.offset, count: count)
    var response = RunnerV1.GetBlobResponse()
    response.data = part.data
    response.size = part.size
    Counter(label: "assay_blob_bytes", dimensions: [("way", "rpc"), ("direction", "out")])
      .increment(by: part.data.count)
    return response
  }

  public func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    guard BlobStore.isDigest(request.digest) else {
      throw RPCError(
        .invalidArgument, reason: "INVALID_DIGEST", "a digest is 64 lower-case hex digits of SHA-256")
    }
    let job = try await heldJob(request.jobId, request.fencingToken, context)
    let allowance = job.spec.outputs.reduce(UInt64(0)) { $0 + $1.maxBytes }
    guard request.size <= allowance, request.offset <= request.size,
      UInt64(request.data.count) <= request.size - request.offset
    else {
      throw RPCError(
        .invalidArgument, reason: "OUTPUT_TOO_LARGE",
        "the job's outputs may have \(allowance) bytes in all; report larger ones as too large instead of uploading them"
      )
    }
    let progress: BlobStore.Progress
    do {
      progress = try await take(request, job, allowance)
    } catch let error as EvaluatorError where error.code == .wrongDigest {
      throw RPCError(.failedPrecondition, reason: "BLOB_REFUSED", error.message)
    }
    if progress.isComplete {
      try await commit { database in
        try database.execute(
          sql: "INSERT INTO job_outputs (job_id, digest, size) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          arguments: [request.jobId, request.digest, Int64(clamping: request.size)])
      }
    }
    var response = RunnerV1.PutBlobResponse()
    response.received = progress.received
    response.complete = progress.isComplete
    return response
  }

  /// Bytes of the request, or of the artifact volume where it says that they are there.
  private func take(_ request: RunnerV1.PutBlobRequest, _ job: JobQueue.Held, _ allowance: UInt64)
    async throws
    -> BlobStore.Progress
  {
    let key = uploadKey(request.jobId, request.fencingToken)
    guard request.published else {
      Counter(label: "assay_blob_bytes", dimensions: [("way", "rpc"), ("direction", "in")])
        .increment(by: request.data.count)
      return try await blobs.upload(
        job: key, digest: request.digest, size: request.size, offset: request.offset, data: request.data,
        allowance: allowance)
    }
    // What has seen held-out inputs stays off a volume that others read.
    guard let volume = configuration.artifactVolume, job.spec.phase == "train" else {
      return .init(received: request.offset, isComplete: false)
    }
    let progress = try await blobs.take(
      from: volume, job: key, digest: request.digest, size: request.size, offset: request.offset,
      allowance: allowance)
    if progress.received > request.offset {
      Counter(label: "assay_blob_bytes", dimensions: [("way", "volume"), ("direction", "in")])
        .increment(by: Int64(clamping: progress.received - request.offset))
    } else if !progress.isComplete {
      logger.warning(
        "artifact \(request.digest.prefix(12)) of \(request.jobId) is not on the volume as announced; it is sent instead"
      )
    }
    return progress
  }

  private func uploadKey(_ job: String, _ token: UInt64) -> String { "\(job)#\(token)" }

  /// The blob calls do not name the slot: any slot of the runner that holds the lease may make them, with its token.
  private func heldJob(_ id: String, _ token: UInt64, _ context: CallContext) async throws -> JobQueue.Held {
    let peer = context.peer.name
    return try await consult { [queue] database in
      let holder =
        try String.fetchOne(database, sql: "SELECT holder FROM jobs WHERE job_id = ?", arguments: [id]) ?? ""
      guard holder.hasPrefix(peer + "#") else { throw JobQueue.lost }
      return try queue.held(database, id: id, token: token, holder: holder)
    }
  }
}
