extension ProvenanceStatement {
  /// A GPU that a job had, as the runner saw it from outside of the sandbox.
  public struct GPU: Codable, Sendable, Hashable {
    public var uuid, model: String
    /// How often it was looked at.
    public var samples: UInt64
    /// The most memory that was in use at a look; nil where the driver did not tell.
    public var peakMemoryBytes: UInt64?
    /// Mean percent of time in which it computed; nil where the driver does not tell, as for partitions.
    public var meanUtilization: UInt64?
    /// Memory errors during the job that ECC did not correct; nil where the driver does not tell.
    public var uncorrectedErrors: UInt64?
    /// Rows of memory that were replaced during the job; nil where the driver does not tell.
    public var remappedRows: UInt64?
    /// At how many looks its clock was held back, by the reason; nil where the driver does not tell.
    public var slowdowns: [String: UInt64]?
    /// Version of the driver.
    public var driver: String?
    /// Nil where the driver does not tell, as for partitions.
    public var clocks: Clocks?
    /// The highest at a look, in degrees Celsius; nil where the driver does not tell.
    public var maxTemperature: UInt64?
    /// What it used from before the job to after it; nil where the driver does not tell, as for partitions.
    public var energyMillijoules: UInt64?
    /// At how many looks the driver listed the processes that compute there. One that is no job's ends the job, so that there is no statement.
    public var processLooks: UInt64?
    /// At how many of them there was one that is not to be found on the runner's host, so that nobody knows whose it was.
    public var unknownProcessLooks: UInt64?
    /// Errors that the driver reported (Xid), by number, and how often; nil where nobody listened.
    public var xids: [String: UInt64]?
    /// Of the job's time, how much was listened to for such errors: `whole`, `part` or `none`.
    public var listened: String?

    /// Clocks during a job, in MHz.
    public struct Clocks: Codable, Sendable, Hashable {
      /// Over all looks.
      public var meanSM, maxSM, meanMemory, maxMemory: UInt64
      /// Those that the device was set to (application clocks), and the most that it can; nil where the driver does not tell.
      public var setSM, setMemory, limitSM, limitMemory: UInt64?

      public init(
        meanSM: UInt64, maxSM: UInt64, meanMemory: UInt64, maxMemory: UInt64, setSM: UInt64? = nil,
        setMemory: UInt64? = nil, limitSM: UInt64? = nil, limitMemory: UInt64? = nil
      ) {
        self.meanSM = meanSM
        self.maxSM = maxSM
        self.meanMemory = meanMemory
        self.maxMemory = maxMemory
        self.setSM = setSM
        self.setMemory = setMemory
        self.limitSM = limitSM
        self.limitMemory = limitMemory
      }
    }

    public init(
      uuid: String, model: String, samples: UInt64, peakMemoryBytes: UInt64?, meanUtilization: UInt64?,
      uncorrectedErrors: UInt64? = nil, remappedRows: UInt64? = nil, slowdowns: [String: UInt64]? = nil
    ) {
      self.uuid = uuid
      self.model = model
      self.samples = samples
      self.peakMemoryBytes = peakMemoryBytes
      self.meanUtilization = meanUtilization
      self.uncorrectedErrors = uncorrectedErrors
      self.remappedRows = remappedRows
      self.slowdowns = slowdowns
    }
  }
}
