public import CoreMetrics
import Synchronization

/// What this process counts, in memory, for whoever asks: behind swift-metrics, in Prometheus's data model.
///
/// Counters become `NAME_total`, timers histograms `NAME_seconds`, recorders and meters gauges.
public final class MetricsRegistry: MetricsFactory, Sendable {
  /// One time series: a name and its labels.
  struct Series: Hashable, Sendable {
    var name: String
    /// Sorted by name.
    var labels: [Label]
  }

  struct Label: Hashable, Sendable {
    var name: String
    var value: String
  }

  enum Instrument: Sendable {
    case counter(CounterValue)
    case gauge(GaugeValue)
    case histogram(HistogramValue)
  }

  /// How many time series a process may have: names with open ends must not fill its memory.
  static let maximumSeries = 10_000

  private let instruments = Mutex<[Series: Instrument]>([:])

  public init() {}

  var all: [(series: Series, instrument: Instrument)] {
    instruments.withLock { $0.map { ($0.key, $0.value) } }
  }

  private func instrument<Value>(
    _ name: String, _ dimensions: [(String, String)], _ wrap: (Value) -> Instrument,
    _ unwrap: (Instrument) -> Value?, _ make: () -> Value
  ) -> Value {
    let labels = dimensions.map { Label(name: MetricName.label($0.0), value: $0.1) }.sorted {
      $0.name < $1.name
    }
    let series = Series(name: MetricName.metric(name), labels: labels)
    return instruments.withLock { instruments in
      if let known = instruments[series] { return unwrap(known) ?? make() }
      let value = make()
      if instruments.count < Self.maximumSeries { instruments[series] = wrap(value) }
      return value
    }
  }

  // MARK: swift-metrics

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    instrument(
      label + "_total", dimensions, Instrument.counter,
      { if case .counter(let value) = $0 { value } else { nil } }, CounterValue.init)
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions)
  }

  /// An aggregating recorder becomes a gauge too: it shows the last value.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool)
    -> any RecorderHandler
  {
    gauge(label, dimensions)
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeValue {
    instrument(
      label, dimensions, Instrument.gauge, { if case .gauge(let value) = $0 { value } else { nil } },
      GaugeValue.init)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    instrument(
      label + "_seconds", dimensions, Instrument.histogram,
      { if case .histogram(let value) = $0 { value } else { nil } }, HistogramValue.init)
  }

  // Series live as long as the process: a counter that came back at zero would look like a restart.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}
}
