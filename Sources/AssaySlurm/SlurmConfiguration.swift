/// How trials become steps of a Slurm cluster.
public struct SlurmConfiguration: Sendable {
  /// Slurm's default where nil.
  public var partition: String?
  /// Further options of srun, each one word, such as `--account=lab`.
  public var options: [String]
  /// The program that runs a step on a node, at the same path on every node; called with `step --folder DIR`.
  public var program: String
  /// Steps' folders; on every node the same.
  public var folder: String
  /// The driver's library on the nodes, where it is not found by its name.
  public var nvml: String?
  /// What a step may take beyond the command's wall limit, in seconds: for starting, killing and collecting.
  public var grace = 120
  /// What a step may use beyond the command's memory limit, in bytes.
  public var memoryOverhead: UInt64 = 256 << 20

  public init(partition: String? = nil, options: [String] = [], program: String, folder: String) {
    self.partition = partition
    self.options = options
    self.program = program
    self.folder = folder
  }
}
