public import AssayIdentity
import AssayMessages
import Crypto
public import Logging
import Synchronization

/// Answers calls: authenticates, admits, routes, enforces deadlines, drains.
public final class RPCServer: Sendable {
  /// What a server is and how much it takes on.
  public struct Configuration: Sendable {
    public var name: String
    public var version: String
    /// Calls in the hands of handlers at once; further ones are refused with a wish to come back later. A call that only waits
    /// (`CallContext.whileWaiting`) is none of them.
    public var maximumCalls: Int
    /// How long running calls may take once draining began.
    public var grace: Duration

    /// How long running calls of idempotent methods may take then: they may be repeated elsewhere or later, and most of
    /// those that run long only wait for something to happen.
    public var graceForIdempotent: Duration

    /// Calls of one identity in the hands of handlers at once, over all its sessions.
    public var maximumCallsPerCaller: Int

    /// Calls that only wait for something to happen, at once; further ones are told to come back, or not to wait.
    public var maximumWaiting: Int

    /// Calls of one identity that only wait, at once, over all its sessions.
    public var maximumWaitingPerCaller: Int

    /// Calls of one identity a second on average, and twice as many in a burst; nil for no bound.
    public var callsPerSecondPerCaller: Double?

    /// Is told of every call that a handler answered or failed.
    public var observe: (@Sendable (CallRecord) -> Void)?

    public init(
      name: String, version: String = "0.1.0", maximumCalls: Int = 256, maximumCallsPerCaller: Int = 128,
      maximumWaiting: Int = 16_384, maximumWaitingPerCaller: Int = 1024,
      callsPerSecondPerCaller: Double? = nil, grace: Duration = .seconds(10),
      graceForIdempotent: Duration = .milliseconds(500), observe: (@Sendable (CallRecord) -> Void)? = nil
    ) {
      self.maximumWaiting = maximumWaiting
      self.maximumWaitingPerCaller = maximumWaitingPerCaller
      self.observe = observe
      self.name = name
      self.version = version
      self.maximumCalls = maximumCalls
      self.maximumCallsPerCaller = maximumCallsPerCaller
      self.callsPerSecondPerCaller = callsPerSecondPerCaller
      self.grace = grace
      self.graceForIdempotent = graceForIdempotent
    }
  }

  private struct State {
    var draining = false
    /// All calls in the hands of handlers, those that wait included, by number.
    var running: [UInt64: RunningCall] = [:]
    /// Numbers by attempt.
    var attempts: [RunningCall.Key: [UInt32: UInt64]] = [:]
    var places: CallPlaces
  }

  public let configuration: Configuration
  private let transport: any ServerTransport
  private let routes: [String: RPCRouter.Route]
  private let services: [String]
  private let sessions: SessionTable
  private let logger: Logger
  private let state: Mutex<State>
  private let deadlines = DeadlineQueue()
  /// Event 1 is that the server serves, event 2 that it drains.
  private let health = EventFeed(last: 1)

  public init(
    transport: any ServerTransport, router: RPCRouter, identity: IdentityKey, trust: TrustStore,
    configuration: Configuration, logger: Logger
  ) {
    self.transport = transport
    self.configuration = configuration
    state = Mutex(State(places: CallPlaces(configuration)))
    self.logger = logger
    sessions = SessionTable(identity: identity, trust: trust)
    services = router.services
    var router = router
    router.registerStream(BuiltInMethods.watchHealth) { [services, health] in
      try await Self.watchHealth($0, $1, $2, of: services, health)
    }
    routes = router.routes
  }

  /// Serves until drained, or until the task is cancelled, which ends running calls at once.
  public func run() async throws {
    try await transport.serve { [self] bytes in await answer(bytes) }
  }

  /// Refuses new calls, lets running ones end within the grace, then ends `run()`.
  public func beginGracefulShutdown() {
    let done = state.withLock { state -> Bool in
      state.draining = true
      return state.running.isEmpty
    }
    health.advance(to: 2)
    if done { transport.close() }
    let now = ContinuousClock.now
    deadlines.schedule(at: now + min(configuration.graceForIdempotent, configuration.grace)) { [weak self] in
      self?.endCalls { $0.idempotent }
    }
    deadlines.schedule(at: now + configuration.grace) { [weak self] in
      self?.endCalls { _ in true }
      self?.transport.close()
    }
  }

  /// Trusts others from now on: whoever is left out is cut off at once, calls that run included.
  public func replaceTrust(_ trust: TrustStore) {
    let ended = sessions.replace(trust)
    for call in state.withLock({ Array($0.running.values) }) where ended.contains(call.key.session) {
      call.end(.failed(SessionTable.refusal))
    }
  }

  private func endCalls(where condition: (MethodDescriptor) -> Bool) {
    for call in state.withLock({ Array($0.running.values) }) where condition(call.method) {
      call.end(.failed(Self.draining))
    }
  }

  private static let draining = RPCError(
    .unavailable, reason: "DRAINING", "the server is stopping; try again when it is back")

  // MARK: One message

  private func answer(_ bytes: [UInt8]) async -> [UInt8] {
    guard bytes.count <= RPCLimits.maximumMessageBytes else {
      return unproven(
        RPCError(.resourceExhausted, reason: "MESSAGE_TOO_LARGE", Self.tooLarge("request", bytes.count)),
        to: .init())
    }
    guard let request = try? RPCV1.RequestEnvelope(serialized: bytes) else {
      return unproven(SessionTable.refusal, to: .init())
    }
    guard request.protocolVersion == RPCLimits.protocolVersion else {
      return unproven(
        RPCError(
          .failedPrecondition, reason: "PROTOCOL_VERSION_UNSUPPORTED",
          "protocol version \(request.protocolVersion) is not spoken here, \(RPCLimits.protocolVersion) is; update the older side"
        ),
        to: request)
    }
    if request.sessionId.isEmpty { return handshake(request) }
    guard let session = sessions.session(proving: request) else {
      return unproven(SessionTable.refusal, to: request)
    }
    let outcome = await dispatch(request, from: session)
    return reply(outcome, to: request, in: session)
  }

  private static func tooLarge(_ what: String, _ count: Int) -> String {
    "the \(what) has \(count) bytes, at most \(RPCLimits.maximumMessageBytes) are carried; send it in parts"
  }

  /// The two methods that anybody may call.
  private func handshake(_ request: RPCV1.RequestEnvelope) -> [UInt8] {
    do throws(RPCError) {
      let payload: [UInt8]
      switch request.method {
      case BuiltInMethods.begin.name:
        guard let message = try? RPCV1.BeginRequest(serialized: request.payload) else {
          throw SessionTable.refusal
        }
        payload = try sessions.begin(message).serialized()
      case BuiltInMethods.finish.name:
        guard let message = try? RPCV1.FinishRequest(serialized: request.payload) else {
          throw SessionTable.refusal
        }
        payload = try sessions.finish(message).serialized()
      default:
        throw SessionTable.refusal
      }
      var response = envelope(for: request)
      response.status = RPCV1.Status()
      response.payload = payload
      return response.serialized()
    } catch {
      return unproven(error, to: request)
    }
  }

  private func dispatch(_ request: RPCV1.RequestEnvelope, from session: ServerSession) async
    -> RunningCall.Outcome
  {
    if let builtIn = builtIn(request, from: session) { return builtIn }
    guard let route = routes[request.method] else {
      return .failed(
        RPCError(
          .unimplemented, reason: "UNKNOWN_METHOD", "this server has no method \(request.method.prefix(200))")
      )
    }
    guard route.descriptor.roles.contains(where: session.peer.roles.contains) else {
      return .failed(
        RPCError(
          .permissionDenied, reason: "ROLE_NOT_ALLOWED",
          "\(session.peer.name) may not call \(route.descriptor.name); it is for: \(route.descriptor.roles.map(\.rawValue).joined(separator: ", "))"
        ))
    }
    guard request.timeoutMs > 0 else {
      return .failed(RPCError(.deadlineExceeded, "the deadline had passed on arrival"))
    }
    let timeout = min(RPCLimits.maximumTimeout, .milliseconds(Int(min(request.timeoutMs, 3_600_000))))
    let call = RunningCall(
      route.descriptor, .init(session: session.id, call: request.callId), attempt: request.attempt)
    do throws(RPCError) {
      try admit(call, of: session.peer.identity)
    } catch {
      return .failed(error)
    }
    defer { release(call) }
    var context = CallContext(
      method: route.descriptor, peer: session.peer, deadline: .now + timeout,
      idempotencyKey: request.idempotencyKey,
      metadata: Dictionary(
        request.metadata.map { ($0.key, String(decoding: $0.value, as: UTF8.self)) }, uniquingKeysWith: { $1 }
      ),
      callID: request.callId)
    context.place = CallPlace(server: self, call: call)
    let trace = context.trace
    let began = ContinuousClock.now
    let outcome = await run(route, call, request.payload, context, trace)
    route.metrics.record(outcome, duration: began.duration(to: .now))
    if let observe = configuration.observe {
      let (status, count): (RPCStatus, Int) =
        switch outcome {
        case .answered(let payload): (.ok, payload.count)
        case .failed(let error): (error.code, 0)
        }
      observe(
        CallRecord(
          method: route.descriptor.name, peer: session.peer.name, status: status,
          duration: began.duration(to: .now), requestBytes: request.payload.count, responseBytes: count,
          trace: trace))
    }
    return outcome
  }

  /// Runs a handler until it answers, its time is up or its caller is gone.
  private func run(
    _ route: RPCRouter.Route, _ call: RunningCall, _ payload: [UInt8], _ context: CallContext,
    _ trace: TraceContext?
  ) async -> RunningCall.Outcome {
    await withTaskGroup(of: Void.self) { group in
      // At once, on this thread: most handlers answer without ever waiting.
      group.addImmediateTask { [logger] in
        do {
          guard let trace else { return _ = call.end(.answered(try await route.handler(payload, context))) }
          // Calls that the handler makes belong to the trace, and so do its log lines.
          try await TraceContext.$current.withValue(trace) {
            _ = call.end(.answered(try await route.handler(payload, context)))
          }
        } catch {
          if !(error is RPCError), !(error is any RPCErrorConvertible), !(error is CancellationError) {
            logger.error("\(route.descriptor.name) failed", metadata: ["error": "\(error)"])
          }
          call.end(.failed(RPCError.from(error)))
        }
      }
      let timer = deadlines.schedule(at: context.deadline) {
        call.end(.failed(RPCError(.deadlineExceeded, "the deadline passed while the call was running")))
      }
      let outcome = await withTaskCancellationHandler {
        await call.outcome()
      } onCancel: {
        call.end(.failed(RPCError(.unavailable, reason: "STOPPED", "the server was stopped")))
      }
      deadlines.cancel(timer)
      group.cancelAll()
      return outcome
    }
  }

  // MARK: Places

  private func admit(_ call: RunningCall, of caller: PublicIdentity) throws(RPCError) {
    try state.withLock { state throws(RPCError) in
      // Who watches the health is told of the drain, and that it is the end.
      if state.draining, call.method != BuiltInMethods.watchHealth { throw Self.draining }
      guard state.attempts[call.key]?[call.attempt] == nil else {
        throw RPCError(.aborted, reason: "CALL_RUNNING", "this attempt of this call is running already")
      }
      let number = try state.places.enter(caller, now: .now)
      call.number.store(number, ordering: .relaxed)
      state.running[number] = call
      state.attempts[call.key, default: [:]][call.attempt] = number
    }
  }

  private func release(_ call: RunningCall) {
    let (next, done) = state.withLock { state -> ([RunningCall], Bool) in
      let number = call.number.load(ordering: .relaxed)
      state.running[number] = nil
      if state.attempts[call.key]?.count == 1 {
        state.attempts[call.key] = nil
      } else {
        state.attempts[call.key]?[call.attempt] = nil
      }
      let next = state.places.leave(number).compactMap { state.running[$0] }
      return (next, state.draining && state.running.isEmpty)
    }
    for call in next { call.takeTurn() }
    if done { transport.close() }
  }

  /// Gives a call's place up. Returns whether it had one.
  func wait(_ call: RunningCall) throws(RPCError) -> Bool {
    let next = try state.withLock { state throws(RPCError) -> [RunningCall]? in
      let number = call.number.load(ordering: .relaxed)
      return try state.places.wait(number).map { next in next.compactMap { state.running[$0] } }
    }
    for call in next ?? [] { call.takeTurn() }
    return next != nil
  }

  /// Returns when a call that waited has a place again, or has ended.
  func goOn(_ call: RunningCall) async {
    if state.withLock({ $0.places.goOn(call.number.load(ordering: .relaxed)) }) { return }
    await call.turn()
  }

  /// Health, server info and cancellation, which every server has.
  private func builtIn(_ request: RPCV1.RequestEnvelope, from session: ServerSession) -> RunningCall.Outcome?
  {
    switch request.method {
    case BuiltInMethods.checkHealth.name:
      guard let message = try? RPCV1.CheckHealthRequest(serialized: request.payload) else {
        return Self.malformed
      }
      guard message.service.isEmpty || services.contains(message.service) else {
        return .failed(
          RPCError(.notFound, reason: "UNKNOWN_SERVICE", "this server has no service \(message.service)"))
      }
      var response = RPCV1.CheckHealthResponse()
      response.state = state.withLock { $0.draining } ? .notServing : .serving
      return .answered(response.serialized())
    case BuiltInMethods.getServerInfo.name:
      var response = RPCV1.GetServerInfoResponse()
      response.name = configuration.name
      response.version = configuration.version
      response.protocolVersion = RPCLimits.protocolVersion
      response.maxMessageBytes = UInt64(RPCLimits.maximumMessageBytes)
      response.maxConcurrentCalls = UInt32(clamping: configuration.maximumCalls)
      response.services = services
      response.descriptorSetSha256 = Self.descriptorDigest
      return .answered(response.serialized())
    case BuiltInMethods.getDescriptorSet.name:
      var response = RPCV1.GetDescriptorSetResponse()
      response.descriptorSet = DescriptorSet.bytes
      return .answered(response.serialized())
    case BuiltInMethods.cancelCall.name:
      guard let message = try? RPCV1.CancelCallRequest(serialized: request.payload) else {
        return Self.malformed
      }
      // A caller's calls are its own: nobody else can cancel them.
      let calls = state.withLock { state in
        (state.attempts[.init(session: session.id, call: message.callId)] ?? [:]).values
          .compactMap { state.running[$0] }
      }
      var response = RPCV1.CancelCallResponse()
      for call in calls where call.end(.failed(RPCError(.cancelled, "the caller cancelled the call"))) {
        response.cancelled = true
      }
      return .answered(response.serialized())
    default:
      return nil
    }
  }

  private static let descriptorDigest = SHA256.hash(data: DescriptorSet.bytes).map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()

  private static func watchHealth(
    _ request: RPCV1.WatchHealthRequest, _ cursor: StreamCursor, _ context: CallContext,
    of services: [String], _ health: EventFeed
  ) async throws -> StreamPage<RPCV1.WatchHealthResponse> {
    guard request.service.isEmpty || services.contains(request.service) else {
      throw RPCError(.notFound, reason: "UNKNOWN_SERVICE", "this server has no service \(request.service)")
    }
    try await context.whileWaiting { await health.wait(past: cursor.after, for: cursor.wait) }
    let last = health.last
    guard last > cursor.after else { return StreamPage() }
    var response = RPCV1.WatchHealthResponse()
    response.state = last > 1 ? .notServing : .serving
    return StreamPage([StreamElement(last, response)], isEnd: last > 1)
  }

  private static let malformed = RunningCall.Outcome.failed(
    RPCError(.invalidArgument, reason: "MALFORMED_REQUEST", "the request's bytes are not its message"))

  // MARK: Answers

  private func envelope(for request: RPCV1.RequestEnvelope) -> RPCV1.ResponseEnvelope {
    var response = RPCV1.ResponseEnvelope()
    response.protocolVersion = RPCLimits.protocolVersion
    response.callId = request.callId
    response.counter = request.counter
    return response
  }

  private func unproven(_ error: RPCError, to request: RPCV1.RequestEnvelope) -> [UInt8] {
    var response = envelope(for: request)
    Self.write(error, to: &response)
    return response.serialized()
  }

  private func reply(
    _ outcome: RunningCall.Outcome, to request: RPCV1.RequestEnvelope, in session: ServerSession
  ) -> [UInt8] {
    var response = envelope(for: request)
    switch outcome {
    case .answered(let payload) where payload.count > RPCLimits.maximumMessageBytes - 4096:
      Self.write(
        RPCError(.resourceExhausted, reason: "MESSAGE_TOO_LARGE", Self.tooLarge("answer", payload.count)),
        to: &response)
    case .answered(let payload):
      response.status = RPCV1.Status()
      response.payload = payload
    case .failed(let error):
      Self.write(error, to: &response)
    }
    session.keys.seal(&response)
    return response.serialized()
  }

  private static func write(_ error: RPCError, to response: inout RPCV1.ResponseEnvelope) {
    var status = RPCV1.Status()
    status.code = error.code == .ok ? RPCStatus.unknown.rawValue : error.code.rawValue
    status.reason = error.reason.prefix(bytes: 64)
    status.message = error.message.prefix(bytes: 4096)
    response.status = status
    response.metadata = error.metadata.sorted { $0.key < $1.key }.prefix(16).map { key, value in
      var entry = RPCV1.Metadata()
      entry.key = key.prefix(bytes: 128)
      entry.value = Array(value.prefix(bytes: 1024).utf8)
      return entry
    }
  }
}

extension String {
  /// As many whole scalars as fit.
  fileprivate func prefix(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var kept = UnicodeScalarView()
    var size = 0
    for scalar in unicodeScalars {
      size += UTF8.width(scalar)
      if size > limit { break }
      kept.append(scalar)
    }
    return String(kept)
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
