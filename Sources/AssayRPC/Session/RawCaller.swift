package import AssayMessages

/// A caller with a session that may send anything: what conformance and fuzzing need, and nobody else.
package struct RawCaller: Sendable {
  private let transport: any ClientTransport
  private let session: ClientSession

  /// Opens a session.
  package init(
    transport: any ClientTransport, credentials: ClientCredentials, timeout: Duration = .seconds(10)
  )
    async throws(RPCError)
  {
    self.transport = transport
    session = try await ClientEndpoint(
      transport: transport, credentials: credentials, keepalive: RPCClient.Keepalive()
    ).currentSession(by: .now + timeout)
  }

  /// A request that a server believes, unless `change` makes it otherwise; what is changed is covered by its MAC.
  package func request(
    _ method: String, _ payload: [UInt8], timeout: Duration = .seconds(10),
    _ change: (inout RPCV1.RequestEnvelope) -> Void = { _ in }
  ) -> RPCV1.RequestEnvelope {
    var request = RPCV1.RequestEnvelope()
    request.protocolVersion = RPCLimits.protocolVersion
    request.method = method
    request.callId = Handshake.random(16)
    request.attempt = 1
    request.timeoutMs = UInt64(timeout.seconds * 1000)
    request.sessionId = session.id
    request.counter = session.nextCounter()
    request.payload = payload
    change(&request)
    session.keys.seal(&request)
    return request
  }

  /// Sends bytes as they are. The answer is read, and not believed.
  package func exchange(_ bytes: [UInt8], timeout: Duration = .seconds(10)) async throws
    -> RPCV1.ResponseEnvelope
  {
    try RPCV1.ResponseEnvelope(serialized: try await transport.exchange(bytes, timeout: timeout))
  }

  package func exchange(_ request: RPCV1.RequestEnvelope, timeout: Duration = .seconds(10)) async throws
    -> RPCV1.ResponseEnvelope
  {
    try await exchange(request.serialized(), timeout: timeout)
  }

  /// Whether these bytes are a request under a MAC of this session.
  package func sealed(_ bytes: [UInt8]) -> Bool {
    guard var request = try? RPCV1.RequestEnvelope(serialized: bytes) else { return false }
    let mac = request.mac
    session.keys.seal(&request)
    return request.mac == mac
  }

  /// Whether an answer was made by the server, for this request.
  package func isAuthentic(_ response: RPCV1.ResponseEnvelope, to request: RPCV1.RequestEnvelope) -> Bool {
    session.keys.isAuthentic(response) && response.callId == request.callId
      && response.counter == request.counter
  }
}
