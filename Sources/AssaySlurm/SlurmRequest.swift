import AssaySandbox

/// What is asked of Slurm for one command. Pure.
struct SlurmRequest: Sendable, Hashable {
  /// Names the step, and finds it again.
  var name: String
  var cores: Int
  /// 0 for Slurm's default.
  var memoryBytes: UInt64
  /// Slurm counts minutes; nil for the partition's limit.
  var minutes: Int?

  init(name: String, command: SandboxCommand, configuration: SlurmConfiguration) {
    self.name = name
    cores = max(1, command.cores.count)
    memoryBytes =
      command.limits.memoryBytes == 0 ? 0 : command.limits.memoryBytes + configuration.memoryOverhead
    minutes =
      command.limits.wallMilliseconds == 0
      ? nil : (Int(clamping: command.limits.wallMilliseconds / 1000) + configuration.grace + 59) / 60
  }

  /// Arguments of srun in front of the program.
  func options(_ configuration: SlurmConfiguration) -> [String] {
    var list = [
      "--quiet", "--job-name=\(name)", "--nodes=1", "--ntasks=1", "--cpus-per-task=\(cores)", "--input=none",
      "--chdir=/", "--export=NONE",
    ]
    if let partition = configuration.partition { list.append("--partition=\(partition)") }
    if memoryBytes > 0 { list.append("--mem=\((memoryBytes + (1 << 20) - 1) >> 20)M") }
    if let minutes { list.append("--time=\(minutes)") }
    return list + configuration.options
  }
}
