import AssayRPC
import Logging
import Metrics

/// Calls in the log, at debug level: what was called, by whom, how it ended, how long it took, in which trace.
enum CallLog {
  private static let clientLog = make("call")

  /// Also counts calls, and notes that a service answered.
  static let client: @Sendable (CallRecord) -> Void = { record in
    LastContact.note(record.status)
    Counter(
      label: "assay_rpc_client_calls",
      dimensions: [("method", record.method), ("code", record.status.description)]
    ).increment()
    clientLog(record)
  }
  static let server = make("answered")

  private static func make(_ what: Logger.Message) -> @Sendable (CallRecord) -> Void {
    let logger = Logger(label: "rpc")
    return { record in
      logger.debug(
        what,
        metadata: [
          "method": "\(record.method)", "status": "\(record.status)", "ms": "\(record.milliseconds)",
          "peer": "\(record.peer)", "request-bytes": "\(record.requestBytes)",
          "response-bytes": "\(record.responseBytes)", "trace": "\(record.trace?.description ?? "")",
        ].filter { $0.value != "" })
    }
  }
}
