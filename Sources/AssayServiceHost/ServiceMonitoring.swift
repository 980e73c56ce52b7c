public import AssayMetrics
import Logging
import Metrics

/// What a service process shows of itself over HTTP when it was started with `--metrics`.
public struct ServiceMonitoring: Sendable {
  public let readiness: Readiness
  let address: HostAndPort?
  private let registry: MetricsRegistry
  private var collect: [@Sendable () async -> Void] = []

  init(address: HostAndPort?) {
    readiness = Readiness()
    registry = MetricsRegistry()
    self.address = address
    // Before the first instrument is made; without an address nobody would ask.
    if address != nil { MetricsSystem.bootstrap(registry) }
  }

  /// Adds something that is read at each scrape.
  public mutating func atScrape(_ body: @escaping @Sendable () async -> Void) { collect.append(body) }

  /// The process is ready only while a service that it dials has answered it lately.
  public func requireContact() {
    readiness.require {
      LastContact.isRecent ? nil : "no service has answered for \(LastContact.limit.components.seconds) s"
    }
  }

  func endpoint(_ logger: Logger) -> MetricsEndpoint? {
    address.map {
      MetricsEndpoint(
        host: $0.host, port: $0.port, registry: registry, readiness: readiness, collect: collect,
        logger: logger)
    }
  }
}
