import Foundation
import Hummingbird
public import Logging
public import ServiceLifecycle

/// Serves `/metrics` for Prometheus, `/livez` and `/readyz` for health checks, over plain HTTP.
///
/// Whoever reaches the address reads it: it tells counts, never scores, recipes or data.
public struct MetricsEndpoint: Service {
  private let host: String
  private let port: Int
  private let registry: MetricsRegistry
  private let readiness: Readiness
  private let collect: [@Sendable () async -> Void]
  private let logger: Logger

  /// - Parameters:
  ///   - collect: run before each answer of `/metrics`, for gauges that are read rather than kept.
  public init(
    host: String, port: Int, registry: MetricsRegistry, readiness: Readiness,
    collect: [@Sendable () async -> Void], logger: Logger
  ) {
    self.host = host
    self.port = port
    self.registry = registry
    self.readiness = readiness
    self.collect = collect
    self.logger = logger
  }

  /// Serves until the process is asked to stop.
  public func run() async throws {
    ProcessMetrics.begin()
    let router = Router()
    router.get("metrics") { [registry, collect] _, _ in
      for part in collect { await part() }
      return Self.response(
        .ok, registry.exposition() + ProcessMetrics.exposition(), type: MetricsRegistry.contentType)
    }
    router.get("livez") { _, _ in Self.response(.ok, "alive\n") }
    router.get("readyz") { [readiness] _, _ in
      let missing = readiness.missing
      return missing.isEmpty
        ? Self.response(.ok, "ready\n")
        : Self.response(.serviceUnavailable, missing.joined(separator: "\n") + "\n")
    }
    var quiet = logger
    quiet.logLevel = .warning
    let application = Application(
      router: router, configuration: .init(address: .hostname(host, port: port)), logger: quiet)
    logger.info("metrics and health at http://\(host):\(port)")
    try await withGracefulShutdownHandler {
      try await application.run()
    } onGracefulShutdown: {
      readiness.drain()
    }
  }

  private static func response(
    _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
