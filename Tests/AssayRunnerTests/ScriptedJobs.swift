import AssayMessages
import AssayRPC
import AssayServices
import Synchronization

/// A job service that hands out jobs from a list and remembers what came back.
final class ScriptedJobs: JobService {
  struct State {
    var queue: [RunnerV1.Job]
    var blobs: [String: [UInt8]]
    var uploads: [String: [UInt8]] = [:]
    var reports: [RunnerV1.CompleteJobRequest] = []
    var keys: [String] = []
    var refusals = 0
    var cancels = false
    /// Heartbeats fail as they do when nobody can be reached.
    var unreachable = false
    var idle = false
    var heartbeats = 0
    /// How long a call for work waits before its job is there.
    var patience = Duration.zero
    var leases = 0
    var offers: [[RunnerV1.GPU]] = []
    var waiting: (CheckedContinuation<Void, Never>, @Sendable (borrowing State) -> Bool)?
  }
  let state: Mutex<State>

  init(_ jobs: [RunnerV1.Job], blobs: [String: [UInt8]] = [:], refusals: Int = 0, cancels: Bool = false) {
    state = Mutex(State(queue: jobs, blobs: blobs, refusals: refusals, cancels: cancels))
  }

  func leaseJob(_ request: RunnerV1.LeaseJobRequest, _ context: CallContext) async throws
    -> RunnerV1.LeaseJobResponse
  {
    var response = RunnerV1.LeaseJobResponse()
    let patience = change { state in
      state.leases += 1
      state.offers.append(request.gpus)
      return state.patience
    }
    if patience > .zero { try await Task.sleep(for: patience) }
    response.job = change { state in
      state.idle = state.queue.isEmpty
      return state.queue.isEmpty ? nil : state.queue.removeFirst()
    }
    if response.job == nil { try await Task.sleep(for: context.waitLimit(milliseconds: request.waitMs)) }
    return response
  }
  func heartbeat(_ request: RunnerV1.HeartbeatRequest, _ context: CallContext) async throws
    -> RunnerV1.HeartbeatResponse
  {
    let (cancels, unreachable) = change { state in
      state.heartbeats += 1
      return (state.cancels, state.unreachable)
    }
    if unreachable { throw RPCError(.unavailable, "nobody there") }
    var response = RunnerV1.HeartbeatResponse()
    response.leaseMs = 60_000
    response.cancel = cancels
    return response
  }
  func completeJob(_ request: RunnerV1.CompleteJobRequest, _ context: CallContext) async throws
    -> RunnerV1.CompleteJobResponse
  {
    let refused = change { state in
      state.keys.append(context.idempotencyKey)
      if state.refusals > 0 {
        state.refusals -= 1
        return true
      }
      state.reports.append(request)
      return false
    }
    if refused { throw RPCError(.unavailable, "not now") }
    return .init()
  }
  func getBlob(_ request: RunnerV1.GetBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.GetBlobResponse
  {
    let blob = state.withLock { $0.blobs[request.digest] } ?? []
    var response = RunnerV1.GetBlobResponse()
    response.size = UInt64(blob.count)
    response.data = Array(blob.dropFirst(Int(request.offset)).prefix(Int(request.maxBytes)))
    return response
  }
  func putBlob(_ request: RunnerV1.PutBlobRequest, _ context: CallContext) async throws
    -> RunnerV1.PutBlobResponse
  {
    state.withLock { state in
      var blob = state.uploads[request.digest] ?? []
      if request.offset == blob.count { blob += request.data }
      state.uploads[request.digest] = blob
      var response = RunnerV1.PutBlobResponse()
      response.received = UInt64(blob.count)
      response.complete = blob.count == request.size
      return response
    }
  }

  /// Changes the state and wakes who waits for what it now is.
  private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
    let (value, waiter) = state.withLock { state in
      let value = body(&state)
      guard let (continuation, condition) = state.waiting, condition(state) else {
        return (value, nil as CheckedContinuation<Void, Never>?)
      }
      state.waiting = nil
      return (value, continuation)
    }
    waiter?.resume()
    return value
  }

  /// Returns once the state is as asked.
  func reach(_ condition: @escaping @Sendable (borrowing State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state -> Bool in
        if condition(state) { return true }
        state.waiting = (continuation, condition)
        return false
      }
      if now { continuation.resume() }
    }
  }
}
