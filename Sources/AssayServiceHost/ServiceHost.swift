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
  /// - Parameter services: in the order in which they start; the first one stops last.
  /// - Throws: what made a part fail.
  public static func run(_ services: [any Service], options: ServiceOptions, logger: Logger) async throws {
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
