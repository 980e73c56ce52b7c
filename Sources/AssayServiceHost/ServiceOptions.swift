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

  public init() {}

  public func validate() throws {
    if Logger.Level(rawValue: logLevel) == nil {
      throw ValidationError(
        "--log-level '\(logLevel)' is not known; use trace, debug, info, notice, warning, error or critical.")
    }
  }

  /// Sends this process's logs to standard error at the chosen level. Call once, first.
  public func bootstrapLogging() {
    let level = Logger.Level(rawValue: logLevel) ?? .info
    // Lines of one trace can be found together, over all services.
    let trace = Logger.MetadataProvider {
      TraceContext.current.map { ["trace": "\($0)"] } ?? [:]
    }
    LoggingSystem.bootstrap(
      { label, provider in
        var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
        handler.logLevel = level
        return handler
      }, metadataProvider: trace)
  }
}
