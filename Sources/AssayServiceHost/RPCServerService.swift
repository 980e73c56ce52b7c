import AssayIdentity
public import AssayRPC
import Foundation
public import Logging
public import ServiceLifecycle

/// An RPC server as a part of a service process: follows its trust file, and drains when the process is asked to stop.
public struct RPCServerService: Service {
  private let server: RPCServer
  private let trustFile: String
  private let logger: Logger

  /// How long a change of the trust file may go unseen.
  static let trustInterval: Duration = .seconds(2)

  public init(_ server: RPCServer, trustFile: String, logger: Logger) {
    self.server = server
    self.trustFile = trustFile
    self.logger = logger
  }

  public func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await followTrust() }
        group.addTask { try await server.run() }
        // The file is followed for as long as the server serves.
        try await group.next()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }

  private func followTrust() async {
    var known = FileManager.default.contents(atPath: trustFile)
    while (try? await Task.sleep(for: Self.trustInterval)) != nil {
      guard let now = FileManager.default.contents(atPath: trustFile), now != known else { continue }
      known = now
      do throws(IdentityError) {
        let trust = try TrustStore.load(from: trustFile)
        server.replaceTrust(trust)
        logger.notice("the trust file has changed: \(trust.entries.count) identities are trusted")
      } catch {
        logger.error(
          "the trust file has changed and cannot be used; who was trusted still is: \(error.message)")
      }
    }
  }
}
