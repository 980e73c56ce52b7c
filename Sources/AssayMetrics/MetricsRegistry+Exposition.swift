extension MetricsRegistry {
  /// The media type of `exposition`.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All series in Prometheus's text format 0.0.4, sorted, so that equal states give equal texts.
  /// https://prometheus.io/docs/instrumenting/exposition_formats/
  public func exposition() -> String {
    var text = ""
    let families = Dictionary(grouping: all) { $0.series.name }
    for (name, members) in families.sorted(by: { $0.key < $1.key }) {
      guard let kind = members.first?.instrument.kind else { continue }
      if let help = MetricHelp.texts[name] { text += "# HELP \(name) \(help)\n" }
      text += "# TYPE \(name) \(kind)\n"
      let sorted = members.sorted { Self.labels($0.series.labels) < Self.labels($1.series.labels) }
      for (series, instrument) in sorted where instrument.kind == kind {
        Self.write(series, instrument, to: &text)
      }
    }
    return text
  }

  private static func write(_ series: Series, _ instrument: Instrument, to text: inout String) {
    switch instrument {
    case .counter(let counter):
      text += "\(series.name)\(labels(series.labels)) \(counter.value)\n"
    case .gauge(let gauge):
      text += "\(series.name)\(labels(series.labels)) \(number(gauge.value))\n"
    case .histogram(let histogram):
      let content = histogram.value
      var count: Int64 = 0
      for (bound, observed) in zip(HistogramValue.bounds.map(number) + ["+Inf"], content.buckets) {
        count += observed
        let bucket = labels(series.labels + [Label(name: "le", value: bound)])
        text += "\(series.name)_bucket\(bucket) \(count)\n"
      }
      text += "\(series.name)_sum\(labels(series.labels)) \(number(content.sum))\n"
      text += "\(series.name)_count\(labels(series.labels)) \(count)\n"
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
  }

  private static func labels(_ labels: [Label]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

extension MetricsRegistry.Instrument {
  var kind: String {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
