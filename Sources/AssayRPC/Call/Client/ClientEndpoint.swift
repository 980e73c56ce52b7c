import AssayIdentity
import AssayMessages
import Crypto
import Synchronization

/// One address of a server: a connection, the session on it, and single attempts of calls.
final class ClientEndpoint: Sendable {
  let transport: any ClientTransport
  private let credentials: ClientCredentials
  private let keepalive: RPCClient.Keepalive
  private let session = Mutex<ClientSession?>(nil)
  /// Calls that find no session wait for one handshake.
  private let handshaking = AsyncLock()

  init(
    transport: any ClientTransport, credentials: ClientCredentials, keepalive: RPCClient.Keepalive
  ) {
    self.transport = transport
    self.credentials = credentials
    self.keepalive = keepalive
  }

  // MARK: One attempt

  func exchange(
    _ method: MethodDescriptor, _ payload: [UInt8], _ options: CallOptions, session: ClientSession,
    callID: [UInt8],
    attempt: UInt32, deadline: ContinuousClock.Instant, reached: inout Bool
  ) async throws(RPCError) -> [UInt8] {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else {
      throw RPCError(.deadlineExceeded, "the deadline passed before \(method.name) was answered")
    }
    var request = envelope(method, callID: callID, session: session, attempt: attempt, timeout: left)
    request.idempotencyKey = options.idempotencyKey ?? ""
    var metadata = options.metadata
    if let trace = TraceContext.current, metadata[TraceContext.metadataKey] == nil {
      metadata[TraceContext.metadataKey] = trace.child().traceparent
    }
    request.metadata = metadata.sorted { $0.key < $1.key }.map { key, value in
      var entry = RPCV1.Metadata()
      entry.key = key
      entry.value = Array(value.utf8)
      return entry
    }
    request.payload = payload
    session.keys.seal(&request)
    let bytes: [UInt8]
    do {
      bytes = try await exchange(request.serialized(), timeout: left, session)
    } catch let error as TransportError {
      reached = error.fate == .unknown
      if error.timedOut, error.fate == .unknown {
        throw RPCError(.deadlineExceeded, "\(method.name) was not answered in time")
      }
      throw RPCError(
        .unavailable, reason: error.fate == .notSent ? "NOT_CONNECTED" : "CONNECTION_LOST",
        "\(method.name): \(error.message)")
    } catch {
      cancelAtServer(callID, session: session)
      throw RPCError(.cancelled, "the call was cancelled")
    }
    reached = true
    guard let response = try? RPCV1.ResponseEnvelope(serialized: bytes) else {
      throw RPCError(
        .internal, reason: "MALFORMED_RESPONSE", "the answer to \(method.name) is not an envelope")
    }
    let status = response.status ?? RPCV1.Status()
    guard session.keys.isAuthentic(response), response.callId == callID, response.counter == request.counter
    else {
      // Only these can come without a session: the server does not know ours, or speaks another version.
      let code = RPCStatus(rawValue: status.code)
      if response.mac.isEmpty,
        code == .unauthenticated || code == .failedPrecondition || code == .resourceExhausted
      {
        throw error(from: response, status)
      }
      throw RPCError(.internal, reason: "FORGED_RESPONSE", "the answer to \(method.name) is not authentic")
    }
    guard status.code == 0 else { throw error(from: response, status) }
    return response.payload
  }

  /// Waits until the address is connected.
  func connected(within limit: Duration) async throws(RPCError) {
    let end = ContinuousClock.now + limit
    var known = transport.connection
    while known != .ready {
      let left = ContinuousClock.now.duration(to: end)
      guard known != .closed, left > .zero else {
        throw RPCError(.unavailable, reason: "NOT_CONNECTED", "nobody can be reached at one of the addresses")
      }
      known = await transport.connection(after: known, for: left)
    }
  }

  /// Sends and waits; while it takes long, asks the server now and then whether it is still there.
  private func exchange(_ request: [UInt8], timeout: Duration, _ session: ClientSession) async throws
    -> [UInt8]
  {
    // Shorter waits end by themselves soon enough.
    guard timeout > keepalive.interval * 2 else {
      return try await transport.exchange(request, timeout: timeout)
    }
    return try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask { [transport] in try await transport.exchange(request, timeout: timeout) }
      group.addTask {
        while true {
          try await Task.sleep(for: self.keepalive.interval)
          try await self.ping(session)
        }
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CancellationError() }
      return first
    }
  }

  /// Any answer will do: somebody reads what is sent.
  private func ping(_ session: ClientSession) async throws {
    var request = envelope(
      BuiltInMethods.checkHealth, callID: Handshake.random(16), session: session, attempt: 1,
      timeout: keepalive.timeout)
    session.keys.seal(&request)
    do {
      _ = try await transport.exchange(request.serialized(), timeout: keepalive.timeout)
    } catch let error as TransportError {
      // There is no connection: the call says so itself, and whether it was sent.
      if error.fate == .notSent { return }
      throw TransportError(.unknown, "the server is connected, but answers nothing any more")
    }
  }

  private func envelope(
    _ method: MethodDescriptor, callID: [UInt8], session: ClientSession?, attempt: UInt32, timeout: Duration
  ) -> RPCV1.RequestEnvelope {
    var request = RPCV1.RequestEnvelope()
    request.protocolVersion = RPCLimits.protocolVersion
    request.method = method.name
    request.callId = callID
    request.attempt = attempt
    request.timeoutMs = UInt64(max(1, (timeout.seconds * 1000).rounded(.up)))
    if let session {
      request.sessionId = session.id
      request.counter = session.nextCounter()
    }
    return request
  }

  private func error(from response: RPCV1.ResponseEnvelope, _ status: RPCV1.Status) -> RPCError {
    RPCError(
      RPCStatus(rawValue: status.code), reason: status.reason, status.message,
      metadata: Dictionary(
        response.metadata.map { ($0.key, String(decoding: $0.value, as: UTF8.self)) },
        uniquingKeysWith: { $1 }))
  }

  private func cancelAtServer(_ callID: [UInt8], session: ClientSession) {
    var message = RPCV1.CancelCallRequest()
    message.callId = callID
    var request = envelope(
      BuiltInMethods.cancelCall, callID: Handshake.random(16), session: session, attempt: 1,
      timeout: .seconds(5))
    request.payload = message.serialized()
    session.keys.seal(&request)
    transport.post(request.serialized())
  }

  // MARK: Sessions

  private var usableSession: ClientSession? {
    // Renewed a minute early, so that no call meets the end of its session.
    session.withLock { known in
      guard let known, known.expiry > .now + .seconds(60) else { return nil }
      return known
    }
  }

  func currentSession(by deadline: ContinuousClock.Instant) async throws(RPCError) -> ClientSession {
    if let known = usableSession { return known }
    let opened: Result<ClientSession, RPCError>
    do throws(CancellationError) {
      opened = try await handshaking.withLock {
        if let known = usableSession { return .success(known) }
        do throws(RPCError) { return .success(try await openSession(by: deadline)) } catch {
          return .failure(error)
        }
      }
    } catch {
      throw RPCError(.cancelled, "the call was cancelled")
    }
    return try opened.get()
  }

  /// Forgets a session that the server refused, unless another call has replaced it already.
  func forget(_ lost: ClientSession) {
    session.withLock { known in
      if known === lost { known = nil }
    }
  }

  func openSession(by deadline: ContinuousClock.Instant) async throws(RPCError) -> ClientSession {
    let ephemeral = Curve25519.KeyAgreement.PrivateKey()
    var begin = RPCV1.BeginRequest()
    begin.clientNonce = Handshake.random(32)
    begin.clientEphemeral = [UInt8](ephemeral.publicKey.rawRepresentation)
    let offer: RPCV1.BeginResponse = try await bare(BuiltInMethods.begin, begin, by: deadline)
    let handshake = Handshake(
      clientNonce: begin.clientNonce, clientEphemeral: begin.clientEphemeral, handshakeID: offer.handshakeId,
      serverNonce: offer.serverNonce, serverEphemeral: offer.serverEphemeral, serverKey: offer.serverKey)
    guard offer.serverKey == credentials.server.bytes,
      credentials.server.isValid(signature: offer.serverSignature, for: handshake.serverProof),
      let shared = Handshake.agree(ephemeral, with: offer.serverEphemeral)
    else {
      throw RPCError(
        .unauthenticated, reason: "WRONG_SERVER",
        "the server is not \(credentials.server.text); check the address and the key you expect it to have")
    }
    let own = credentials.key.publicIdentity.bytes
    var finish = RPCV1.FinishRequest()
    finish.handshakeId = offer.handshakeId
    finish.clientKey = own
    finish.clientSignature = credentials.key.sign(handshake.clientProof(clientKey: own))
    let opened: RPCV1.FinishResponse = try await bare(BuiltInMethods.finish, finish, by: deadline)
    let fresh = ClientSession(
      id: opened.sessionId, keys: handshake.keys(shared: shared, clientKey: own),
      expiry: .now + .milliseconds(Int(min(opened.lifetimeMs, 1 << 40))))
    session.withLock { $0 = fresh }
    return fresh
  }

  /// One handshake message: no session, no MAC; what it brings is proven by the signatures inside.
  private func bare<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ message: Request, by deadline: ContinuousClock.Instant
  ) async throws(RPCError) -> Response {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else {
      throw RPCError(.deadlineExceeded, "the deadline passed before a session was open")
    }
    var request = envelope(method, callID: Handshake.random(16), session: nil, attempt: 1, timeout: left)
    request.payload = message.serialized()
    let bytes: [UInt8]
    do {
      // An attempt that finds nobody must leave time for the next one.
      bytes = try await transport.exchange(request.serialized(), timeout: min(left, .seconds(5)))
    } catch let error as TransportError {
      throw RPCError(.unavailable, reason: "NOT_CONNECTED", "cannot open a session: \(error.message)")
    } catch {
      throw RPCError(.cancelled, "the call was cancelled")
    }
    guard let response = try? RPCV1.ResponseEnvelope(serialized: bytes), response.callId == request.callId
    else {
      throw RPCError(
        .internal, reason: "MALFORMED_RESPONSE", "the answer to \(method.name) is not an envelope")
    }
    let status = response.status ?? RPCV1.Status()
    guard status.code == 0 else {
      if status.code == RPCStatus.unauthenticated.rawValue {
        throw RPCError(
          .unauthenticated, reason: "NOT_TRUSTED",
          "the server does not know \(credentials.key.publicIdentity.text); add it to the server's trust file"
        )
      }
      throw error(from: response, status)
    }
    guard let answer = try? Response(serialized: response.payload) else {
      throw RPCError(.internal, reason: "MALFORMED_RESPONSE", "the answer to \(method.name) is malformed")
    }
    return answer
  }
}
