import Foundation
import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs a service process: starts its parts in order, drains them in reverse on SIGTERM or SIGINT, exits.
public enum ServiceHost {
  /// How long draining may take before what is left is cancelled.
  public static let drainLimit: Duration = .seconds(12)

  /// Runs until a signal, until standard input ends (when asked), or until a part fails.
  ///
  /// - Parameters:
  ///   - services: in the order in which they start; the first one stops last.
  ///   - monitoring: what the process shows of itself, from before the first part starts until after the last has stopped.
  /// - Throws: what made a part fail.
  public static func run(
    _ services: [any Service], options: ServiceOptions, monitoring: ServiceMonitoring? = nil, logger: Logger
  ) async throws {
    var services = services
    if let monitoring, let endpoint = monitoring.endpoint(logger) {
      services = [endpoint] + services + [DrainNotice(readiness: monitoring.readiness)]
    }
    var parts = services.map {
      ServiceGroupConfiguration.ServiceConfiguration(
        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .cancelGroup)
    }
    if options.exitWithStdin {
      parts.append(.init(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
    }
    var configuration = ServiceGroupConfiguration(
      services: parts, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = drainLimit
    // A part that ignores even cancellation ends with the process.
    configuration.maximumCancellationDuration = .seconds(3)
    try await ServiceGroup(configuration: configuration).run()
  }
}
