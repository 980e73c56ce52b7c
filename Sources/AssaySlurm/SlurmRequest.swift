import AssaySandbox

/// What is asked of Slurm for one command. Pure.
struct SlurmRequest: Sendable, Hashable {
  /// GPUs of one kind, all on the step's node.
  struct GPUs: Sendable, Hashable {
    /// As Slurm names it: `gpu` or `gpu:h100`.
    var kind: String
    var count: Int
    /// Nodes whose GPUs were not in order.
    var avoided: [String] = []
  }

  /// Names the step, and finds it again.
  var name: String
  var cores: Int
  /// 0 for Slurm's default.
  var memoryBytes: UInt64
  /// Slurm counts minutes; nil for the partition's limit.
  var minutes: Int?
  /// Nil for none.
  var gpus: GPUs?

  init(name: String, command: SandboxCommand, gpus: GPUs? = nil, configuration: SlurmConfiguration) {
    self.name = name
    cores = max(1, command.cores.count)
    memoryBytes =
      command.limits.memoryBytes == 0 ? 0 : command.limits.memoryBytes + configuration.memoryOverhead
    minutes =
      command.limits.wallMilliseconds == 0
      ? nil : (Int(clamping: command.limits.wallMilliseconds / 1000) + configuration.grace + 59) / 60
    self.gpus = gpus
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
    guard let gpus else { return list + configuration.options }
    // srun takes the last of several: what the operator asks for besides GPUs stays.
    let mark = "--gres="
    let others = configuration.options.filter { $0.hasPrefix(mark) }.flatMap {
      $0.dropFirst(mark.count).split(separator: ",").filter { $0 != "gpu" && !$0.hasPrefix("gpu:") }
    }
    list += configuration.options.filter { !$0.hasPrefix(mark) }
    list.append(mark + (others.map(String.init) + ["\(gpus.kind):\(gpus.count)"]).joined(separator: ","))
    if !gpus.avoided.isEmpty { list.append("--exclude=\(gpus.avoided.sorted().joined(separator: ","))") }
    return list
  }
}
