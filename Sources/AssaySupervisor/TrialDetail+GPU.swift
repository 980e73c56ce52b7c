import AssayVerdict

extension TrialDetail {
  /// A GPU that one job had; all figures are its runner's.
  public struct GPU: Codable, Sendable {
    public var phase, uuid, model: String
    /// The most memory that was in use; nil where the driver did not tell.
    public var peakMemoryBytes: UInt64?
    /// Mean percent of time in which it computed; nil where the driver does not tell.
    public var meanUtilization: UInt64?
    /// Version of the driver; nil where the runner did not state it.
    public var driver: String?
    /// Mean clock of its multiprocessors, and the most that they can, in MHz; nil where the driver does not tell.
    public var meanClock, limitClock: UInt64?
    /// Degrees Celsius, at most.
    public var maxTemperature: UInt64?
    /// Energy that it used during the job.
    public var energyMillijoules: UInt64?
    /// At how many looks its clock was held back, by the reason.
    public var slowdowns: [String: UInt64]?
    /// How often it was looked at.
    public var samples: UInt64?
    /// Errors that the driver reported, by number, and how often.
    public var xids: [String: UInt64]?
    /// How much of the job's time was listened to for them: `whole`, `part` or `none`.
    public var listened: String?
    /// Whether at each look the driver listed the processes there, and all were the job's; nil where the runner did not state it.
    public var isAlone: Bool?

    private enum CodingKeys: String, CodingKey {
      case phase, uuid, model, driver, slowdowns, samples, xids, listened
      case peakMemoryBytes = "peak_memory_bytes"
      case meanUtilization = "mean_utilization"
      case meanClock = "mean_clock_mhz"
      case limitClock = "limit_clock_mhz"
      case maxTemperature = "max_temperature_celsius"
      case energyMillijoules = "energy_millijoules"
      case isAlone = "is_alone"
    }

    init(phase: String, uuid: String, model: String) {
      self.phase = phase
      self.uuid = uuid
      self.model = model
    }

    init(_ gpu: ProvenanceStatement.GPU, phase: String) {
      self.init(phase: phase, uuid: gpu.uuid, model: gpu.model)
      peakMemoryBytes = gpu.peakMemoryBytes
      meanUtilization = gpu.meanUtilization
      driver = gpu.driver
      meanClock = gpu.clocks?.meanSM
      limitClock = gpu.clocks?.limitSM
      maxTemperature = gpu.maxTemperature
      energyMillijoules = gpu.energyMillijoules
      slowdowns = gpu.slowdowns
      samples = gpu.samples
      xids = gpu.xids
      listened = gpu.listened
      isAlone = gpu.processLooks.map { $0 > 0 && $0 == gpu.samples && gpu.unknownProcessLooks == 0 }
    }

    /// One line.
    var text: String {
      var parts = ["\(phase): \(model) \(uuid)"]
      if let peakMemoryBytes { parts.append("at most \(peakMemoryBytes >> 20) MiB") }
      if let meanUtilization { parts.append("busy \(meanUtilization) %") }
      if let meanClock { parts.append("\(meanClock)\(limitClock.map { " of \($0)" } ?? "") MHz") }
      if let maxTemperature { parts.append("at most \(maxTemperature) °C") }
      if let energyMillijoules { parts.append("\(energyMillijoules / 1000) J") }
      for (reason, looks) in (slowdowns ?? [:]).sorted(by: { $0.key < $1.key }) {
        parts.append("\(reason) at \(looks)\(samples.map { " of \($0)" } ?? "") looks")
      }
      for (number, count) in (xids ?? [:]).sorted(by: { ($0.key.count, $0.key) < ($1.key.count, $1.key) }) {
        parts.append("Xid \(number)\(count > 1 ? " ×\(count)" : "")")
      }
      if let listened, listened != "whole" {
        parts.append(listened == "part" ? "not listened to to the end" : "Xids not listened to")
      }
      if isAlone == false { parts.append("not known who else was there") }
      if let driver { parts.append("driver \(driver)") }
      return TerminalText.oneLine(parts.joined(separator: ", "), limit: 400)
    }
  }
}
