public import ArgumentParser
import AssayRPC
import Foundation
import Logging

/// Options that every service process takes.
public struct ServiceOptions: ParsableArguments {
  @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
  public var logLevel: String = "info"

  @Flag(
    name: .customLong("exit-with-stdin"),
    help: "Drain and exit when standard input ends: whoever started this process holds the other end.")
  public var exitWithStdin = false

  @Option(name: .customLong("log-format"), help: "text, or json for one object a line.")
  public var logFormat: String = "text"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Serve /metrics (Prometheus), /livez and /readyz over HTTP here, such as 127.0.0.1:9464. Whoever reaches it can read it.",
      valueName: "host:port"))
  public var metrics: String?

  public init() {}

  public func validate() throws {
    if !["text", "json"].contains(logFormat) {
      throw ValidationError("--log-format '\(logFormat)' is not known; use text or json.")
    }
    if let metrics, HostAndPort(metrics) == nil {
      throw ValidationError("--metrics '\(metrics)' is no address; write 127.0.0.1:9464 or [::1]:9464.")
    }
    if Logger.Level(rawValue: logLevel) == nil {
      throw ValidationError(
        "--log-level '\(logLevel)' is not known; use trace, debug, info, notice, warning, error or critical.")
    }
  }

  /// Sets up logs and metrics of this process. Call once, first.
  public func bootstrap() -> ServiceMonitoring {
    bootstrapLogging()
    return ServiceMonitoring(address: metrics.flatMap(HostAndPort.init))
  }

  /// Sends this process's logs to standard error at the chosen level. Call once, first.
  public func bootstrapLogging() {
    let level = Logger.Level(rawValue: logLevel) ?? .info
    // Lines of one trace can be found together, over all services.
    let trace = Logger.MetadataProvider {
      TraceContext.current.map { ["trace": "\($0)"] } ?? [:]
    }
    let json = logFormat == "json"
    LoggingSystem.bootstrap(
      { label, provider in
        if json { return JSONLogHandler(label: label, logLevel: level, metadataProvider: provider) }
        var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
        handler.logLevel = level
        return handler
      }, metadataProvider: trace)
  }
}
