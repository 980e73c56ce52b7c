public import AssayIdentity
import AssayMessages
public import AssayRPC
import Glibc
import Synchronization

/// The program under test: where it is, who it must prove to be, and as whom it can be called.
public struct Subject: Sendable {
  /// Starts, stops and kills the program, where the suite may.
  public struct Control: Sendable {
    public let start: @Sendable () async throws -> Void
    /// Sends a signal.
    public let signal: @Sendable (Int32) -> Void
    /// Waits for its end.
    public let ended: @Sendable () async -> Void

    public init(
      start: @escaping @Sendable () async throws -> Void, signal: @escaping @Sendable (Int32) -> Void,
      ended: @escaping @Sendable () async -> Void
    ) {
      self.start = start
      self.signal = signal
      self.ended = ended
    }
  }

  let address: String
  let server: PublicIdentity
  private let keys: @Sendable (String) throws -> IdentityKey
  private let dial: @Sendable (String) throws -> any ClientTransport
  let control: Control?

  /// - Parameters:
  ///   - keys: the private key of an identity that the program trusts, such as `operator` or `agent/opt`.
  ///   - dial: a transport to an address.
  public init(
    address: String, server: PublicIdentity, keys: @escaping @Sendable (String) throws -> IdentityKey,
    dial: @escaping @Sendable (String) throws -> any ClientTransport, control: Control? = nil
  ) {
    self.address = address
    self.server = server
    self.keys = keys
    self.dial = dial
    self.control = control
  }

  func key(_ name: String) throws -> IdentityKey { try keys(name) }

  func client(_ name: String) throws -> RPCClient { try client(keys(name)) }

  func client(_ key: IdentityKey) throws -> RPCClient {
    RPCClient(transport: try dial(address), credentials: ClientCredentials(key: key, server: server))
  }

  func raw(_ name: String) async throws -> RawCaller {
    try await RawCaller(
      transport: dial(address), credentials: ClientCredentials(key: try keys(name), server: server))
  }

  /// A connection without a session.
  func bare() throws -> any ClientTransport { try dial(address) }

  /// Runs `body` with a client of an identity.
  ///
  /// Not optimized, as all functions here that take such a closure: specialising them crashes swiftc 6.3.1.
  @_optimize(none) func with<Value>(_ name: String, _ body: (RPCClient) async throws -> Value) async throws
    -> Value
  {
    let client = try client(name)
    defer { client.close() }
    return try await body(client)
  }

  /// Kills the program, and starts it again.
  func restart(as name: String) async throws {
    guard let control else { return }
    control.signal(SIGKILL)
    await control.ended()
    try await control.start()
    try await untilReady(name)
  }

  /// Waits until the program takes calls.
  func untilReady(_ name: String) async throws {
    try await with(name) { client in
      _ = try await client.serverInfo(CallOptions(timeout: .seconds(30), waitForReady: true))
    }
  }
}
