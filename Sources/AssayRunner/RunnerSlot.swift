import AssayIdentity
import AssayMessages
import AssayRPC
import AssaySandbox
import AssayServices
import Foundation
import Logging
import Metrics

/// One slot: leases a job, runs it while renewing the lease, reports, and starts over.
struct RunnerSlot: Sendable {
  let jobs: JobServiceClient
  let sandbox: any TrialLauncher
  let configuration: RunnerConfiguration
  let index: Int
  let cores: [Int]
  let key: IdentityKey
  let facts: HostFacts
  let gpus: HostGPUs?
  let scratch: Scratch
  let logger: Logger

  var name: String { "\(configuration.name)/\(index)" }
  private var busy: Meter { Meter(label: "assay_runner_slots_busy") }

  private func count(_ report: RunnerV1.CompleteJobRequest, _ job: RunnerV1.Job) {
    let outcome = "\(report.outcome)".lowercased().replacing("job_outcome_", with: "")
    Counter(label: "assay_runner_jobs", dimensions: [("phase", job.phase), ("outcome", outcome)]).increment()
    if report.outcome == .infrastructure { Counter(label: "assay_sandbox_failures").increment() }
  }

  /// Works until cancelled.
  func run() async throws {
    while !Task.isCancelled {
      let scheduler = sandbox as? any GPUScheduler
      let offered = await gpus?.look() ?? []
      let sent = ContinuousClock.now
      var request = RunnerV1.LeaseJobRequest()
      request.runner = name
      request.waitMs = 20_000
      if let scheduler {
        request.gpus = scheduler.gpus.map(\.wire)
        // What is found meanwhile is offered soon.
        if scheduler.isFindingGPUs { request.waitMs = 2_000 }
      }
      request.isolation = sandbox.isolation.description
      request.labels = configuration.labels
      request.memoryBytes = configuration.slotMemoryBytes
      request.gpus += offered
      request.processor = facts.processor(sandbox.host)
      let job: RunnerV1.Job?
      do throws(RPCError) {
        job = try await jobs.leaseJob(request, CallOptions(timeout: .seconds(40), waitForReady: true)).job
      } catch {
        if error.code == .cancelled { return }
        logger.warning("no lease: \(error)")
        // An evaluator that refuses us will refuse the next call too: ask again, slowly.
        try? await Task.sleep(for: .seconds(1))
        continue
      }
      if let job {
        guard let granted = await confirm(job, sent: sent) else { continue }
        busy.increment(by: 1)
        defer { busy.decrement(by: 1) }
        // The evaluator derives the same trace from the trial.
        await TraceContext.$current.withValue(TraceContext(deriving: "\(job.runId)/\(job.trial)")) {
          await work(on: job, granted: granted)
        }
      }
    }
  }

  /// After a failure of ours: returns when the scratch folder can be used. Another job would fail as well, and each may fail only so often.
  private func proveScratch() async {
    var pause: Duration = .milliseconds(500)
    while !Task.isCancelled {
      do throws(RunnerError) { return try scratch.check() } catch {
        logger.error("no job is taken: \(error.message)", metadata: ["slot": "\(name)"])
      }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(10))
    }
  }

  /// Since when a lease counts; nil when it cannot be renewed now, and the next call for work brings the job again.
  ///
  /// A lease counts from when it was asked for, and a call that waited for work was sent long before its lease began: how much is
  /// left is not known until it is renewed.
  private func confirm(_ job: RunnerV1.Job, sent: ContinuousClock.Instant) async
    -> ContinuousClock.Instant?
  {
    let share = Duration.milliseconds(Int(job.leaseMs)) / 3
    guard sent.duration(to: .now) > share else { return sent }
    var request = RunnerV1.HeartbeatRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.runner = name
    let renewed = ContinuousClock.now
    do throws(RPCError) {
      let answer = try await jobs.heartbeat(request, CallOptions(timeout: max(.seconds(1), share)))
      return answer.cancel ? nil : renewed
    } catch {
      // A runner that is stopping goes on to hand the job back.
      return error.code == .cancelled ? sent : nil
    }
  }

  private func work(on job: RunnerV1.Job, granted: ContinuousClock.Instant) async {
    let logger = logger
    logger.info(
      "running \(job.phase) of trial \(job.trial)", metadata: ["job": "\(job.jobId)", "slot": "\(name)"])
    let execution = JobExecution(
      jobs: jobs, sandbox: sandbox, configuration: configuration, runner: name, cores: cores,
      key: key, facts: facts, gpus: gpus)
    let report = await withTaskGroup(of: RunnerV1.CompleteJobRequest?.self) { group in
      group.addTask { try? await execution.report(of: job) }
      group.addTask {
        await keepLease(of: job, granted: granted)
        return nil
      }
      // Whichever ends first ends the other: the job is done, or the lease is lost and the job is killed.
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    if let report {
      count(report, job)
      let failed = report.outcome == .infrastructure
      if failed {
        logger.warning(
          "\(job.phase) of trial \(job.trial) failed for a reason of this host's: \(report.infrastructureReason)",
          metadata: ["job": "\(job.jobId)", "slot": "\(name)"])
      }
      await complete(report)
      if failed { await proveScratch() }
    } else if Task.isCancelled {
      // Stopping: hand the job back, so that another runner can have it at once.
      var handedBack = RunnerV1.CompleteJobRequest()
      handedBack.jobId = job.jobId
      handedBack.fencingToken = job.fencingToken
      handedBack.runner = name
      handedBack.outcome = .infrastructure
      handedBack.infrastructureReason = "the runner is stopping"
      handedBack.handedBack = true
      await handBack(handedBack)
    } else {
      logger.warning("lost the lease of \(job.jobId); the job was killed")
    }
  }

  /// Renews the lease; returns when it is lost or the task is cancelled.
  private func keepLease(of job: RunnerV1.Job, granted: ContinuousClock.Instant) async {
    var clock = LeaseClock(
      leaseMilliseconds: job.leaseMs, heartbeatMilliseconds: job.heartbeatMs, granted: granted)
    var request = RunnerV1.HeartbeatRequest()
    request.jobId = job.jobId
    request.fencingToken = job.fencingToken
    request.runner = name
    while !Task.isCancelled {
      guard case .renew(let time) = clock.action(now: .now) else { return }
      guard (try? await Task.sleep(until: time, clock: .continuous)) != nil else { return }
      let sent = ContinuousClock.now
      do throws(RPCError) {
        let answer = try await jobs.heartbeat(request, CallOptions(timeout: clock.patience(now: sent)))
        if answer.cancel {
          clock.refused()
        } else {
          clock.succeeded(sent: sent, leaseMilliseconds: answer.leaseMs)
        }
      } catch {
        if error.code == .failedPrecondition || error.code == .notFound {
          clock.refused()
        } else {
          clock.failed()
        }
      }
    }
  }

  private func complete(_ report: RunnerV1.CompleteJobRequest) async {
    let key = "\(report.jobId)/\(report.fencingToken)"
    while !Task.isCancelled {
      do throws(RPCError) {
        _ = try await jobs.completeJob(
          report, CallOptions(timeout: .seconds(60), idempotencyKey: key, waitForReady: true))
        return
      } catch {
        guard
          error.code == .unavailable || error.code == .deadlineExceeded || error.code == .resourceExhausted
        else {
          logger.warning("the report of \(report.jobId) was refused: \(error)")
          return
        }
      }
    }
    await handBack(report)
  }

  /// One last attempt from a task that is being cancelled: the call runs outside of the cancellation.
  private func handBack(_ report: RunnerV1.CompleteJobRequest) async {
    await withoutCancellation {
      _ = try? await jobs.completeJob(
        report, CallOptions(timeout: .seconds(3), idempotencyKey: "\(report.jobId)/\(report.fencingToken)"))
    }
  }

  /// Runs `body` in a task that does not inherit this one's cancellation, and waits for it.
  private func withoutCancellation(_ body: @escaping @Sendable () async -> Void) async {
    // Unstructured on purpose: a child task would be cancelled from its first moment. It is awaited right here.
    await Task { await body() }.value
  }
}
