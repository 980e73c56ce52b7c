/// What goes on on a device at one moment.
public struct GPUActivity: Sendable, Hashable, Codable {
  /// Host process ids, of the driver's view; nil where the driver does not tell.
  public var processes: [UInt32]?
  /// In use, by whomever.
  public var memoryBytes: UInt64
  /// Percent of the driver's last sample period in which anything computed; nil for partitions, of which drivers do not tell.
  public var utilization: UInt32?
  /// Memory errors that ECC did not correct, since the driver was loaded; nil where the driver does not tell, as for partitions.
  public var uncorrectedErrors: UInt64?
  /// Rows of memory that were replaced for such errors, ever; nil where the driver does not tell.
  public var remappedRows: UInt64?
  /// Why its clock is held back now; nil where the driver does not tell.
  public var slowdowns: Set<GPUSlowdown>?
  /// Now; those that it was set to (application clocks); the most that it can. Nil where the driver does not tell, as for partitions.
  public var clocks, setClocks, mostClocks: GPUClocks?
  /// Degrees Celsius; nil where the driver does not tell.
  public var temperature: UInt32?
  /// Energy used since the driver was loaded, in millijoules; nil where the driver does not tell.
  public var millijoules: UInt64?
}
