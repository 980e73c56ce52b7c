import AssayRPC
import CNNG
import Synchronization

/// One nng context with one aio: sends a message, then receives one, in a single suspension. The receive is started
/// from the completion of the send, on nng's thread, so that no task is woken in between (and nng 1.5.2 never has a
/// receive cancelled under a pending send).
///
/// nng's own timers go by the machine's clock (1.5.2 as Debian builds it): one that is set back makes them hours late, one that is set
/// forward makes them early. So nng gets no time limit here, and what is due is cancelled by a timer that nobody can set.
///
/// Unchecked: `aio` and `context` are handles that nng locks; all else is in the mutex. The owner runs one operation at
/// a time.
final class Exchange: @unchecked Sendable {
  enum Stage: Sendable { case send, receive }

  /// What ended an operation, and where.
  struct Failure: Error, Sendable {
    let stage: Stage
    let error: NNGError
  }

  private struct State {
    /// The pointer travels as a number: pointers do not cross continuations.
    var waiter: UnsafeContinuation<UInt, any Error>?
    var stage = Stage.send
    /// Counts the operations, so that a timer ends its own alone.
    var operation: UInt64 = 0
    var timer: DeadlineQueue.Ticket?
    /// The time of an operation was up; nothing is begun any more.
    var expired = false
    var cancelled = false
    /// No further receive is started; what is being sent still goes out.
    var stopping = false
    /// Set while a posted message keeps its exchange alive.
    var keepsItself: Unmanaged<Exchange>?
  }

  private static let timers = DeadlineQueue()

  private let context: nng_ctx
  private let state = Mutex(State())
  private var aio: OpaquePointer
  /// Keeps the socket open for as long as a context of it exists.
  private let socket: Socket

  init(_ socket: Socket) throws(NNGError) {
    var context = nng_ctx()
    var opened = NNGError.closed.code
    _ = socket.use { opened = nng_ctx_open(&context, socket.raw) }
    try NNGError.check(opened)
    self.context = context
    self.socket = socket
    guard let placeholder = OpaquePointer(bitPattern: 1) else {
      throw NNGError(code: Int32(NNG_EINVAL.rawValue))
    }
    aio = placeholder
    var handle: OpaquePointer?
    let result = nng_aio_alloc(
      &handle,
      { argument in
        guard let argument else { return }
        Unmanaged<Exchange>.fromOpaque(argument).takeUnretainedValue().completed()
      }, Unmanaged.passUnretained(self).toOpaque())
    guard result == 0, let handle else {
      _ = socket.use { nng_ctx_close(context) }
      // deinit does not run when init throws before all is set; here it does, so give it something to free.
      throw NNGError(code: result)
    }
    aio = handle
    nng_aio_set_timeout(aio, nng_duration(NNG_DURATION_INFINITE))
  }

  deinit {
    // A closed socket has closed its contexts.
    _ = socket.use { nng_ctx_close(context) }
    // Never nng_aio_free here: it waits for the callback, which may be what releases us.
    if UInt(bitPattern: aio) != 1 { nng_aio_reap(aio) }
  }

  /// Whether it may not be used again: the time of an operation was up, perhaps in the moment when it succeeded.
  var isSpent: Bool { state.withLock { $0.expired } }

  /// Sends and receives. The message is freed on every path.
  func call(_ message: consuming Message, deadline: ContinuousClock.Instant?) async throws -> [UInt8] {
    let message = message.take()
    return try await run(stage: .send, message: UInt(bitPattern: message), deadline: deadline)
  }

  /// Sends, and drops the answer; keeps itself alive until that is done.
  func post(_ message: consuming Message, deadline: ContinuousClock.Instant) {
    let message = message.take()
    guard deadline > .now else {
      nng_msg_free(message)
      return
    }
    state.withLock { state in
      state.operation += 1
      state.keepsItself = Unmanaged.passRetained(self)
    }
    expire(at: deadline)
    nng_aio_set_msg(aio, message)
    if socket.use({ nng_ctx_send(context, aio) }) {
      if isSpent { cancel() }
    } else {
      nng_msg_free(message)
      let kept = state.withLock { state in
        defer { state.keepsItself = nil }
        return state.keepsItself
      }
      disarm()
      kept?.release()
    }
  }

  /// Ends the operation that has begun when its time is up.
  private func expire(at deadline: ContinuousClock.Instant?) {
    guard let deadline else { return }
    let operation = state.withLock { $0.operation }
    let timer = Self.timers.schedule(at: deadline) { [weak self] in self?.expire(operation) }
    state.withLock { $0.timer = timer }
  }

  private func expire(_ operation: UInt64) {
    let isRunning = state.withLock { state -> Bool in
      guard state.operation == operation, state.waiter != nil || state.keepsItself != nil else {
        return false
      }
      state.expired = true
      return true
    }
    if isRunning { cancel() }
  }

  private func disarm() {
    let timer = state.withLock { state in
      defer { state.timer = nil }
      return state.timer
    }
    if let timer { Self.timers.cancel(timer) }
  }

  /// Receives only.
  func receive() async throws -> [UInt8] {
    try await run(stage: .receive, message: 0, deadline: nil)
  }

  /// Ends a receive that is waiting, and lets a send go out first.
  func stopReceiving() {
    let waiting = state.withLock { state in
      state.stopping = true
      return state.stage == .receive && state.waiter != nil
    }
    if waiting { cancel() }
  }

  private func cancel() { _ = socket.use { nng_aio_cancel(aio) } }

  private func run(stage: Stage, message: UInt, deadline: ContinuousClock.Instant?) async throws -> [UInt8] {
    // A cancellation may arrive after the completion, never after the handler returns: forget it for the next user.
    defer { state.withLock { $0.cancelled = false } }
    let received = try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (waiter: UnsafeContinuation<UInt, any Error>) in
        start(stage, message: message, deadline: deadline, waiter: waiter)
      }
    } onCancel: {
      state.withLock { $0.cancelled = true }
      cancel()
    }
    guard let raw = OpaquePointer(bitPattern: received) else {
      throw Failure(stage: .receive, error: .closed)
    }
    return Message(taking: raw).bytes
  }

  private func start(
    _ stage: Stage, message: UInt, deadline: ContinuousClock.Instant?,
    waiter: UnsafeContinuation<UInt, any Error>
  ) {
    if let deadline, deadline <= .now {
      Self.free(message)
      waiter.resume(throwing: Failure(stage: stage, error: .timedOut))
      return
    }
    let go = state.withLock { state -> Bool in
      guard !state.cancelled, stage == .send || !state.stopping else { return false }
      state.waiter = waiter
      state.stage = stage
      state.operation += 1
      return true
    }
    guard go else {
      Self.free(message)
      waiter.resume(throwing: CancellationError())
      return
    }
    expire(at: deadline)
    let isOpen = socket.use {
      switch stage {
      case .send:
        nng_aio_set_msg(aio, OpaquePointer(bitPattern: message))
        nng_ctx_send(context, aio)
      case .receive:
        nng_ctx_recv(context, aio)
      }
    }
    guard isOpen else {
      Self.free(message)
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      disarm()
      waiter?.resume(throwing: Failure(stage: stage, error: .closed))
      return
    }
    if state.withLock({ $0.cancelled || $0.expired || stage == .receive && $0.stopping }) { cancel() }
  }

  /// Runs on a thread of nng's.
  private func completed() {
    var result = nng_aio_result(aio)
    if result == 0 {
      let isSent = state.withLock { state -> Bool in
        guard state.stage == .send, !state.cancelled, !state.stopping, !state.expired else { return false }
        state.stage = .receive
        return true
      }
      if isSent {
        if socket.use({ nng_ctx_recv(context, aio) }) {
          if state.withLock({ $0.cancelled || $0.stopping || $0.expired }) { cancel() }
          return
        }
        nng_aio_set_msg(aio, nil)
        result = NNGError.closed.code
      }
    }
    // After a failed send the message is still ours; after a received one it is ours again.
    let message = nng_aio_get_msg(aio)
    nng_aio_set_msg(aio, nil)
    let (waiter, stage, cancelled, expired, posted) = state.withLock { state in
      defer { (state.waiter, state.keepsItself) = (nil, nil) }
      return (state.waiter, state.stage, state.cancelled, state.expired, state.keepsItself)
    }
    disarm()
    if let posted {
      if let message { nng_msg_free(message) }
      posted.release()
      return
    }
    if result == 0, stage == .receive, !cancelled {
      CallbackExecutor.shared.hereAndNow { waiter?.resume(returning: UInt(bitPattern: message)) }
      return
    }
    // A send that succeeded under a cancellation gave its message away.
    if let message, !(result == 0 && stage == .send) { nng_msg_free(message) }
    waiter?.resume(
      throwing: cancelled
        ? CancellationError()
        : Failure(stage: stage, error: expired ? .timedOut : NNGError(code: result)) as any Error)
  }

  private static func free(_ message: UInt) {
    if let message = OpaquePointer(bitPattern: message) { nng_msg_free(message) }
  }
}
