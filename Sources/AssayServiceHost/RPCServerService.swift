import AssayIdentity
import AssayRPC
import AssayRPCNNG
import Foundation
import Logging
public import ServiceLifecycle

/// An RPC server as a part of a service process: follows its trust file and its certificates, and drains when the process is
/// asked to stop.
public struct RPCServerService: Service {
  private let server: RPCServer
  private let transport: NNGServerTransport
  private let trustFile: String
  private let tls: TLSFiles?
  private let logger: Logger

  /// How long a change of a file may go unseen.
  static let interval: Duration = .seconds(2)

  init(
    _ server: RPCServer, transport: NNGServerTransport, trustFile: String, tls: TLSFiles?, logger: Logger
  ) {
    self.server = server
    self.transport = transport
    self.trustFile = trustFile
    self.tls = tls
    self.logger = logger
  }

  public func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await followFiles() }
        group.addTask { try await server.run() }
        // The files are followed for as long as the server serves.
        try await group.next()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }

  private func followFiles() async {
    var trust = FileManager.default.contents(atPath: trustFile)
    var credentials = try? tls?.credentials()
    while (try? await Task.sleep(for: Self.interval)) != nil {
      if let now = FileManager.default.contents(atPath: trustFile), now != trust {
        trust = now
        useTrust()
      }
      if let now = try? tls?.credentials(), now != credentials {
        credentials = now
        useCertificates(now)
      }
    }
  }

  private func useTrust() {
    do throws(IdentityError) {
      let trust = try TrustStore.load(from: trustFile)
      server.replaceTrust(trust)
      logger.notice("the trust file has changed: \(trust.entries.count) identities are trusted")
    } catch {
      logger.error(
        "the trust file has changed and cannot be used; who was trusted still is: \(error.message)")
    }
  }

  private func useCertificates(_ credentials: TLSCredentials) {
    do throws(RPCError) {
      try transport.replaceTLS(credentials)
      logger.notice("the TLS certificates have changed: all connections are made anew")
    } catch {
      logger.error(
        "the TLS certificates have changed and cannot be used; the old ones hold: \(error.message)")
    }
  }
}
