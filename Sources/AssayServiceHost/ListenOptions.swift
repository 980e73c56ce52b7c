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
      "Address to listen at, such as ipc:///run/assay/x.sock or tcp://0.0.0.0:7710.", valueName: "url"))
  public var listen: String

  @Option(
    name: .long, help: ArgumentHelp("This service's private key (see `assay keys init`).", valueName: "file"))
  public var key: String

  @Option(name: .long, help: ArgumentHelp("Trust file: who may call, and in which roles.", valueName: "file"))
  public var trust: String

  public init() {}

  public func identity() throws -> IdentityKey { try IdentityKey.load(from: key) }

  /// A server that listens already.
  ///
  /// - Parameter name: of the service, for those who ask.
  public func makeServer(_ name: String, router: RPCRouter, logger: Logger) throws -> RPCServer {
    let identity = try identity()
    let server = RPCServer(
      transport: try NNGServerTransport(address: listen), router: router, identity: identity,
      trust: try TrustStore.load(from: trust), configuration: .init(name: name), logger: logger)
    logger.info("\(name) listens at \(listen) as \(identity.publicIdentity.text)")
    return server
  }
}
