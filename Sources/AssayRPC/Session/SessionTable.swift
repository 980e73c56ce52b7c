import AssayIdentity
import AssayMessages
import Crypto
import Synchronization

/// The handshakes and sessions of one server, both bounded: an unknown peer can neither fill memory nor push out
/// anybody's session.
final class SessionTable: Sendable {
  static let lifetime: Duration = .seconds(12 * 3600)
  static let handshakeLifetime: Duration = .seconds(20)
  static let maximumHandshakes = 4096
  static let maximumSessions = 16384
  static let maximumSessionsPerPeer = 256

  private struct Pending {
    let handshake: Handshake
    let ephemeral: Curve25519.KeyAgreement.PrivateKey
    let expiry: ContinuousClock.Instant
  }
  private struct State {
    var trust: TrustStore
    var pending: [[UInt8]: Pending] = [:]
    var sessions: [[UInt8]: ServerSession] = [:]
    /// Ids of each peer's sessions, the oldest first.
    var byPeer: [PublicIdentity: [[UInt8]]] = [:]
    /// When sessions that are over may be looked for again: that walks all of them.
    var nextSweep = ContinuousClock.now

    mutating func remove(_ session: ServerSession) {
      sessions[session.id] = nil
      byPeer[session.peer.identity]?.removeAll { $0 == session.id }
      if byPeer[session.peer.identity]?.isEmpty == true { byPeer[session.peer.identity] = nil }
    }
  }

  private let identity: IdentityKey
  private let state: Mutex<State>

  init(identity: IdentityKey, trust: TrustStore) {
    self.identity = identity
    state = Mutex(State(trust: trust))
  }

  /// The one answer to everybody who has not proven who they are.
  static let refusal = RPCError(.unauthenticated, "open a session first")

  func begin(_ request: RPCV1.BeginRequest) throws(RPCError) -> RPCV1.BeginResponse {
    guard request.clientNonce.count == 32, request.clientEphemeral.count == 32 else { throw Self.refusal }
    let ephemeral = Curve25519.KeyAgreement.PrivateKey()
    let handshake = Handshake(
      clientNonce: request.clientNonce, clientEphemeral: request.clientEphemeral,
      handshakeID: Handshake.random(16),
      serverNonce: Handshake.random(32), serverEphemeral: [UInt8](ephemeral.publicKey.rawRepresentation),
      serverKey: identity.publicIdentity.bytes)
    let now = ContinuousClock.now
    try state.withLock { state throws(RPCError) in
      if state.pending.count >= Self.maximumHandshakes {
        state.pending = state.pending.filter { $0.value.expiry > now }
      }
      guard state.pending.count < Self.maximumHandshakes else {
        throw RPCError(
          .resourceExhausted, reason: "TOO_MANY_HANDSHAKES", "too many handshakes at once; try again")
      }
      state.pending[handshake.handshakeID] = Pending(
        handshake: handshake, ephemeral: ephemeral, expiry: now + Self.handshakeLifetime)
    }
    var response = RPCV1.BeginResponse()
    response.handshakeId = handshake.handshakeID
    response.serverNonce = handshake.serverNonce
    response.serverEphemeral = handshake.serverEphemeral
    response.serverKey = handshake.serverKey
    response.serverSignature = identity.sign(handshake.serverProof)
    return response
  }

  func finish(_ request: RPCV1.FinishRequest) throws(RPCError) -> RPCV1.FinishResponse {
    let now = ContinuousClock.now
    // Taken out at once: a handshake is answered a single time, right or wrong.
    let (pending, trust) = state.withLock { ($0.pending.removeValue(forKey: request.handshakeId), $0.trust) }
    guard let pending, pending.expiry > now,
      let client = try? PublicIdentity(bytes: request.clientKey), let entry = trust.entry(for: client),
      client.isValid(
        signature: request.clientSignature, for: pending.handshake.clientProof(clientKey: request.clientKey)),
      let shared = Handshake.agree(pending.ephemeral, with: pending.handshake.clientEphemeral)
    else { throw Self.refusal }
    let session = ServerSession(
      id: Handshake.random(16), peer: Peer(name: entry.name, roles: entry.roles, identity: client),
      keys: pending.handshake.keys(shared: shared, clientKey: request.clientKey), expiry: now + Self.lifetime)
    state.withLock { state in
      if state.sessions.count >= Self.maximumSessions, state.nextSweep <= now {
        state.nextSweep = now + .seconds(60)
        for session in state.sessions.values where session.expiry <= now { state.remove(session) }
      }
      // All live equally long, so those of a peer that are over are its oldest ones; what it had open costs nobody else anything.
      while let oldest = state.byPeer[client]?.first.flatMap({ state.sessions[$0] }),
        oldest.expiry <= now || state.byPeer[client]?.count ?? 0 >= Self.maximumSessionsPerPeer
          || state.sessions.count >= Self.maximumSessions
      {
        state.remove(oldest)
      }
      state.sessions[session.id] = session
      state.byPeer[client, default: []].append(session.id)
    }
    var response = RPCV1.FinishResponse()
    response.sessionId = session.id
    response.lifetimeMs = UInt64(Self.lifetime.components.seconds) * 1000
    return response
  }

  /// Trusts others from now on. Sessions of those who are not trusted any more, or not as before, end.
  ///
  /// - Returns: ids of the sessions that ended.
  func replace(_ trust: TrustStore) -> Set<[UInt8]> {
    state.withLock { state in
      state.trust = trust
      let ended = state.sessions.filter { _, session in
        let entry = trust.entry(for: session.peer.identity)
        return entry?.name != session.peer.name || entry.map { Set($0.roles) } != Set(session.peer.roles)
      }
      for session in ended.values { state.remove(session) }
      return Set(ended.keys)
    }
  }

  /// The session that proves this request: known, authentic, and not seen before.
  func session(proving request: RPCV1.RequestEnvelope) -> ServerSession? {
    guard let session = state.withLock({ $0.sessions[request.sessionId] }), session.expiry > .now,
      session.keys.isAuthentic(request), session.accept(request.counter)
    else { return nil }
    return session
  }
}
