import CoreMetrics
import Foundation
import Testing

@testable import AssayMetrics

struct MetricsTests {
  @Test func countersGaugesAndHistogramsAreExposedInFormatVersionFour() {
    let registry = MetricsRegistry()
    let calls = Counter(label: "assay_rpc_calls", dimensions: [("method", "/a.B/C")], factory: registry)
    calls.increment()
    calls.increment(by: 2)
    Gauge(label: "assay_jobs", dimensions: [("state", "queued")], factory: registry).record(7)
    Timer(label: "assay_verdict_latency", factory: registry).recordNanoseconds(3_000_000_000)
    let text = registry.exposition()
    #expect(text.contains("# TYPE assay_rpc_calls_total counter\n"))
    #expect(text.contains("assay_rpc_calls_total{method=\"/a.B/C\"} 3\n"))
    #expect(text.contains("# TYPE assay_jobs gauge\nassay_jobs{state=\"queued\"} 7\n"))
    #expect(text.contains("assay_verdict_latency_seconds_bucket{le=\"2.5\"} 0\n"))
    #expect(text.contains("assay_verdict_latency_seconds_bucket{le=\"5\"} 1\n"))
    #expect(text.contains("assay_verdict_latency_seconds_bucket{le=\"+Inf\"} 1\n"))
    #expect(text.contains("assay_verdict_latency_seconds_sum 3\nassay_verdict_latency_seconds_count 1\n"))
    #expect(text == registry.exposition())
  }

  @Test func theSameSeriesIsOneWhoeverAsksForIt() {
    let registry = MetricsRegistry()
    for _ in 0..<3 {
      Counter(label: "x", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
      Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
    }
    #expect(registry.exposition().contains("x_total{a=\"1\",b=\"2\"} 6\n"))
  }

  @Test func labelsAreEscapedAndNamesCleaned() {
    let registry = MetricsRegistry()
    Counter(label: "9 lives", dimensions: [("a-b", "say \"hi\\there\"\nbye")], factory: registry).increment()
    #expect(registry.exposition().contains("_9_lives_total{a_b=\"say \\\"hi\\\\there\\\"\\nbye\"} 1\n"))
  }

  @Test func namesWithOpenEndsDoNotFillTheMemory() {
    let registry = MetricsRegistry()
    for number in 0..<(MetricsRegistry.maximumSeries + 100) {
      Counter(label: "x", dimensions: [("n", "\(number)")], factory: registry).increment()
    }
    #expect(registry.all.count == MetricsRegistry.maximumSeries)
  }

  @Test func meterRisesAndFalls() {
    let registry = MetricsRegistry()
    let meter = Meter(label: "busy", factory: registry)
    meter.increment(by: 1)
    Meter(label: "busy", factory: registry).increment(by: 1)
    meter.decrement(by: 1)
    #expect(registry.exposition().contains("\nbusy 1\n"))
  }

  @Test func readinessNamesWhatIsMissing() {
    let readiness = Readiness()
    #expect(readiness.missing == [])
    readiness.require { "the evaluator" }
    #expect(readiness.missing == ["the evaluator"])
    readiness.drain()
    #expect(readiness.missing == ["stopping", "the evaluator"])
  }
}
