import Metrics

/// What is counted of a method: `assay_rpc_calls` and `assay_rpc_duration` by method, `assay_rpc_failures` by method and code.
struct MethodMetrics: Sendable {
  private let method: String
  private let calls: Counter
  private let duration: Timer

  init(_ method: String) {
    self.method = method
    calls = Counter(label: "assay_rpc_calls", dimensions: [("method", method)])
    duration = Timer(label: "assay_rpc_duration", dimensions: [("method", method)])
  }

  func record(_ outcome: RunningCall.Outcome, duration: Duration) {
    calls.increment()
    self.duration.recordNanoseconds(Int64(duration.seconds * 1e9))
    if case .failed(let error) = outcome {
      Counter(
        label: "assay_rpc_failures", dimensions: [("method", method), ("code", error.code.description)]
      ).increment()
    }
  }
}
