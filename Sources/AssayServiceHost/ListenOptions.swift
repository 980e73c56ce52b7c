public import ArgumentParser
public import AssayIdentity
public import AssayRPC
import AssayRPCNNG
public import Logging

/// Where a server listens, who it is, and whom it lets in.
public struct ListenOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Address to listen at, such as ipc:///run/assay/x.sock, tcp://0.0.0.0:7710 or tls+tcp://0.0.0.0:7710; may be given several times.",
      valueName: "url"))
  public var listen: [String]

  @Option(
    name: .long, help: ArgumentHelp("This service's private key (see `assay keys init`).", valueName: "file"))
  public var key: String

  @Option(name: .long, help: ArgumentHelp("Trust file: who may call, and in which roles.", valueName: "file"))
  public var trust: String

  @Option(
    name: .customLong("max-calls"),
    help:
      "Calls that may be worked on here at once, up to 65536; further ones are told to come back. Those that only wait are none of them."
  )
  public var maximumCalls: Int = 256

  @Option(
    name: .customLong("max-waiting"),
    help:
      "Calls that may wait here at once for something to happen, up to 65536: runners for a job, agents for a verdict, readers of events. Further ones are told to come back. One caller may have at most 1024."
  )
  public var maximumWaiting: Int = 16_384

  @OptionGroup public var tls: TLSOptions

  public init() {}

  public func validate() throws {
    if listen.isEmpty { throw ValidationError("--listen is needed: where callers reach this service.") }
    guard (1...65_536).contains(maximumCalls) else {
      throw ValidationError("--max-calls is 1 to 65536; \(maximumCalls) is not.")
    }
    guard (1...65_536).contains(maximumWaiting) else {
      throw ValidationError("--max-waiting is 1 to 65536; \(maximumWaiting) is not.")
    }
  }

  public func identity() throws -> IdentityKey { try IdentityKey.load(from: key) }

  /// A server that listens already, as a part of this process.
  ///
  /// - Parameter name: of the service, for those who ask.
  public func makeService(_ name: String, router: RPCRouter, logger: Logger) throws -> RPCServerService {
    let identity = try identity()
    let transport = try NNGServerTransport(
      // Some more, so that there is always one that can say that all are taken.
      addresses: listen, tls: try tls.credentials(), concurrency: maximumCalls + maximumWaiting + 32)
    let server = RPCServer(
      transport: transport, router: router, identity: identity,
      trust: try TrustStore.load(from: trust),
      configuration: .init(
        name: name, maximumCalls: maximumCalls, maximumWaiting: maximumWaiting, observe: CallLog.server),
      logger: logger)
    logger.info(
      "\(name) listens at \(transport.addresses.joined(separator: ", ")) as \(identity.publicIdentity.text)")
    return RPCServerService(server, transport: transport, trustFile: trust, tls: tls.files, logger: logger)
  }
}
