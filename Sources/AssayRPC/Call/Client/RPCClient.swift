public import AssayMessages
import Synchronization

/// Makes calls to one server: opens a session when needed, keeps the deadline over all attempts, retries what may be
/// retried, and checks that answers are the server's.
public final class RPCClient: Sendable {
  /// How a call that waits long finds out that nobody is there any more.
  public struct Keepalive: Sendable {
    /// A call with more than twice this time left asks each time it has waited so long.
    public var interval: Duration
    /// How long the server may take to answer that; then the call ends as UNAVAILABLE.
    public var timeout: Duration

    public init(interval: Duration = .seconds(10), timeout: Duration = .seconds(5)) {
      self.interval = interval
      self.timeout = timeout
    }
  }

  private let endpoints: [ClientEndpoint]
  private let balancer: Mutex<LoadBalancer>
  private let isClosed = Atomic(false)
  private let observe: (@Sendable (CallRecord) -> Void)?

  /// - Parameters:
  ///   - transports: one for each address of the server, which are equal in all: key, state, version. Calls go where the fewest
  ///     run, and elsewhere when an address fails.
  ///   - observe: is told of every call that ended.
  public init(
    transports: [any ClientTransport], credentials: ClientCredentials, keepalive: Keepalive = Keepalive(),
    observe: (@Sendable (CallRecord) -> Void)? = nil
  ) {
    precondition(!transports.isEmpty, "a client needs an address")
    endpoints = transports.map {
      ClientEndpoint(transport: $0, credentials: credentials, keepalive: keepalive)
    }
    balancer = Mutex(LoadBalancer(count: transports.count))
    self.observe = observe
  }

  public convenience init(transport: any ClientTransport, credentials: ClientCredentials) {
    self.init(transports: [transport], credentials: credentials)
  }

  /// Ends running calls and refuses further ones.
  public func close() {
    isClosed.store(true, ordering: .releasing)
    for endpoint in endpoints { endpoint.transport.close() }
  }

  /// Where tasks that do little but call run best, as in `withTaskExecutorPreference(client.executor) { ... }`: answers then wake no
  /// other thread. What blocks for long does not belong there.
  public var executor: (any TaskExecutor)? { endpoints[0].transport.executor }

  /// Where the best of the connections stands.
  public var connection: ConnectionState {
    let states = endpoints.map(\.transport.connection)
    return states.contains(.ready) ? .ready : states.contains(.connecting) ? .connecting : states[0]
  }

  /// Connects, and waits until a connection is there or the time is up.
  ///
  /// - Returns: where the best of the connections stands then.
  public func connect(within limit: Duration) async -> ConnectionState {
    await withTaskGroup(of: Void.self) { group in
      for endpoint in endpoints {
        group.addTask {
          let end = ContinuousClock.now + limit
          var known = endpoint.transport.connection
          while known != .ready, known != .closed, ContinuousClock.now < end, !Task.isCancelled {
            known = await endpoint.transport.connection(
              after: known, for: ContinuousClock.now.duration(to: end))
          }
        }
      }
      while await group.next() != nil, connection != .ready, connection != .closed {}
      group.cancelAll()
    }
    return connection
  }

  /// Makes one call.
  ///
  /// - Throws: the status the server answered with; UNAVAILABLE when it cannot be reached, DEADLINE_EXCEEDED when the
  ///   time is up (the effect may have happened), CANCELLED when the task was cancelled (the server is told).
  public func call<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws(RPCError) -> Response {
    let payload = try await call(method, bytes: request.serialized(), options)
    do throws(MessageError) {
      return try Response(serialized: payload)
    } catch {
      throw RPCError(
        .internal, reason: "MALFORMED_RESPONSE", "the answer to \(method.name) is malformed: \(error.message)"
      )
    }
  }

  /// Whether the server, or one service of it, takes calls.
  public func isHealthy(_ service: String = "", timeout: Duration = .seconds(5)) async throws(RPCError)
    -> Bool
  {
    var request = RPCV1.CheckHealthRequest()
    request.service = service
    let response: RPCV1.CheckHealthResponse = try await call(
      BuiltInMethods.checkHealth, request, CallOptions(timeout: timeout))
    return response.state == .serving
  }

  /// Makes one call with messages as their bytes, for callers that know methods by reflection only.
  public func call(_ method: MethodDescriptor, bytes payload: [UInt8], _ options: CallOptions)
    async throws(RPCError) -> [UInt8]
  {
    let began = ContinuousClock.now
    let outcome: Result<[UInt8], RPCError>
    do throws(RPCError) {
      outcome = .success(try await attempts(method, payload, options))
    } catch {
      outcome = .failure(error)
    }
    if let observe { observe(CallRecord(method, outcome, requestBytes: payload.count, since: began)) }
    return try outcome.get()
  }

  private func attempts(_ method: MethodDescriptor, _ payload: [UInt8], _ options: CallOptions)
    async throws(RPCError) -> [UInt8]
  {
    guard payload.count <= RPCLimits.maximumMessageBytes - 8192 else {
      throw RPCError(
        .resourceExhausted, reason: "MESSAGE_TOO_LARGE",
        "the request has \(payload.count) bytes, at most \(RPCLimits.maximumMessageBytes - 8192) are carried; send it in parts"
      )
    }
    let deadline = ContinuousClock.now + options.timeout
    let callID = Handshake.random(16)
    let repeatable = method.idempotent || options.idempotencyKey != nil
    var attempt: UInt32 = 1
    var refusals: UInt32 = 0
    while true {
      var reached = false
      var used: ClientSession?
      let failure: RPCError
      let place = balancer.withLock { $0.begin(now: .now) }
      let endpoint = endpoints[place]
      do throws(RPCError) {
        // Where there are others, nobody waits for one address to come back.
        if endpoints.count > 1 {
          try await endpoint.connected(within: min(.seconds(1), ContinuousClock.now.duration(to: deadline)))
        }
        let session = try await endpoint.currentSession(by: deadline)
        used = session
        let answer = try await endpoint.exchange(
          method, payload, options, session: session, callID: callID, attempt: attempt, deadline: deadline,
          reached: &reached)
        balancer.withLock { $0.end(place, isDown: false, now: .now) }
        return answer
      } catch {
        failure = error
        balancer.withLock { $0.end(place, isDown: error.code == .unavailable, now: .now) }
      }
      if isClosed.load(ordering: .acquiring) {
        throw RPCError(.cancelled, reason: "CLIENT_CLOSED", "this client was closed")
      }
      if let used, failure.code == .unauthenticated { endpoint.forget(used) }
      if failure.code == .unavailable {
        refusals = 0
      } else if let pause = RetryPolicy.delay(
        afterRefusal: refusals + 1, failure, sent: used != nil, repeatable: repeatable,
        random: .random(in: 0..<1)),
        pause < ContinuousClock.now.duration(to: deadline)
      {
        refusals += 1
        attempt += 1
        try await wait(pause)
        continue
      }
      let left = ContinuousClock.now.duration(to: deadline)
      guard
        let delay = RetryPolicy.delay(
          after: attempt, error: failure, reached: reached, repeatable: repeatable,
          waitForReady: options.waitForReady,
          random: .random(in: 0..<1)), delay < left
      else { throw failure }
      try await wait(delay)
      attempt += 1
    }
  }

  private func wait(_ delay: Duration) async throws(RPCError) {
    guard delay > .zero else { return }
    do { try await Task.sleep(for: delay) } catch {
      throw RPCError(.cancelled, "the call was cancelled")
    }
  }
}
