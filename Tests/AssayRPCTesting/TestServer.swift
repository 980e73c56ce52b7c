import AssayIdentity
import AssayRPC
import Logging

/// A running server and whom it trusts.
public struct TestServer: Sendable {
  public let server: RPCServer
  public let wire: TestWire
  /// The server's own key.
  public let identity: IdentityKey
  /// Keys of the trusted identities, by name.
  public let keys: [String: IdentityKey]
  public let clients: TestClients

  /// A further client, of a trusted identity or of any key at all.
  public func makeClient(
    as key: IdentityKey, expecting expected: PublicIdentity? = nil,
    over transport: (any ClientTransport)? = nil
  ) throws -> RPCClient {
    RPCClient(
      transport: try transport ?? wire.makeClient(),
      credentials: ClientCredentials(key: key, server: expected ?? identity.publicIdentity))
  }
}

/// One client for each trusted identity.
public struct TestClients: Sendable {
  let byName: [String: RPCClient]
  let byRole: [Role: RPCClient]

  /// The client of a name such as `agent/arch`; traps when the server was not given it.
  public subscript(name: String) -> RPCClient {
    guard let client = byName[name] else { preconditionFailure("the test server has no identity \(name)") }
    return client
  }

  /// The client of a role; traps when the server was not given one.
  public subscript(role: Role) -> RPCClient {
    guard let client = byRole[role] else {
      preconditionFailure("the test server has no identity of role \(role)")
    }
    return client
  }
}

/// Starts a server, runs `body` with clients of it, and stops the server.
///
/// - Parameters:
///   - identities: names and roles of the callers that are trusted; each gets a key and a client.
///   - identity: the server's key, when it matters.
public func withTestServer<Value: Sendable>(
  router: RPCRouter, identities: [String: Role], transport: TestTransport = .inProcess,
  identity: IdentityKey = IdentityKey(), keys given: [String: IdentityKey] = [:], wire: TestWire? = nil,
  configuration: RPCServer.Configuration = .init(name: "test"),
  _ body: @Sendable (TestServer) async throws -> Value
) async throws -> Value {
  var keys: [String: IdentityKey] = [:]
  for name in identities.keys { keys[name] = given[name] ?? IdentityKey() }
  let trust = try TrustStore(
    identities.compactMap { name, role in
      keys[name].map { TrustStore.Entry(name: name, roles: [role], identity: $0.publicIdentity) }
    })
  let wire = try wire ?? TestWire(transport)
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let server = RPCServer(
    transport: try wire.makeServer(), router: router, identity: identity, trust: trust,
    configuration: configuration,
    logger: logger)
  var byName: [String: RPCClient] = [:]
  var byRole: [Role: RPCClient] = [:]
  for (name, role) in identities {
    guard let key = keys[name] else { continue }
    let client = RPCClient(
      transport: try wire.makeClient(),
      credentials: ClientCredentials(key: key, server: identity.publicIdentity))
    byName[name] = client
    byRole[role] = client
  }
  let running = TestServer(
    server: server, wire: wire, identity: identity, keys: keys,
    clients: TestClients(byName: byName, byRole: byRole))
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    let result: Result<Value, any Error>
    do { result = .success(try await body(running)) } catch { result = .failure(error) }
    for client in byName.values { client.close() }
    server.beginGracefulShutdown()
    group.cancelAll()
    while let ended = await group.nextResult() {
      if case .failure(let error) = ended, !(error is CancellationError) { throw error }
    }
    return try result.get()
  }
}

/// The same, with one identity for each role, named after it.
public func withTestServer<Value: Sendable>(
  router: RPCRouter, roles: [Role] = Role.allCases, transport: TestTransport = .inProcess,
  configuration: RPCServer.Configuration = .init(name: "test"),
  _ body: @Sendable (TestServer) async throws -> Value
) async throws -> Value {
  try await withTestServer(
    router: router, identities: Dictionary(uniqueKeysWithValues: roles.map { ($0.rawValue, $0) }),
    transport: transport, configuration: configuration, body)
}
