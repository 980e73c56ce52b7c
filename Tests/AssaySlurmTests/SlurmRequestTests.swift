import AssaySandbox
import Testing

@testable import AssaySlurm

@Suite("What is asked of Slurm, and what is made of its answers")
struct SlurmRequestTests {
  let configuration = SlurmConfiguration(
    partition: "gpu", options: ["--gres=gpu:1"], program: "/opt/assay-runner", folder: "/shared")

  private func command(wall: UInt64, memory: UInt64, cores: [Int] = []) -> SandboxCommand {
    SandboxCommand(
      arguments: ["/bin/true"], limits: SandboxLimits(wallMilliseconds: wall, memoryBytes: memory),
      cores: cores)
  }

  @Test("limits of the step lie above those that the launcher enforces")
  func limits() {
    let request = SlurmRequest(
      name: "assay-1", command: command(wall: 600_000, memory: 1 << 30, cores: [3, 4]),
      configuration: configuration)
    #expect(
      request.options(configuration) == [
        "--quiet", "--job-name=assay-1", "--nodes=1", "--ntasks=1", "--cpus-per-task=2", "--input=none",
        "--chdir=/",
        "--export=NONE", "--partition=gpu", "--mem=1280M", "--time=12", "--gres=gpu:1",
      ])
    let free = SlurmRequest(
      name: "assay-2", command: command(wall: 0, memory: 0), configuration: configuration)
    #expect(!free.options(configuration).contains { $0.hasPrefix("--mem") || $0.hasPrefix("--time") })
    #expect(free.cores == 1)
  }

  @Test("a job's GPUs are asked for by kind and number, besides whatever else the operator asks for")
  func gpus() {
    var configuration = configuration
    configuration.options = ["--gres=license:1,gpu:1", "--account=lab"]
    let request = SlurmRequest(
      name: "assay-3", command: command(wall: 0, memory: 0),
      gpus: .init(kind: "gpu:h100", count: 2, avoided: ["n1", "n0"]), configuration: configuration)
    #expect(
      request.options(configuration).suffix(4) == [
        "--partition=gpu", "--account=lab", "--gres=license:1,gpu:h100:2", "--exclude=n0,n1",
      ])
    let untyped = SlurmRequest(
      name: "assay-4", command: command(wall: 0, memory: 0), gpus: .init(kind: "gpu", count: 1),
      configuration: SlurmConfiguration(program: "/opt/assay-runner", folder: "/shared"))
    #expect(untyped.options(configuration).contains("--gres=license:1,gpu:1"))
  }

  @Test("a request that no node can meet says what to compare")
  func unmeetable() throws {
    let state = try #require(SlurmState(line: "7|FAILED|BadConstraints"))
    #expect(state.explanation(output: "").contains("compare the task's cores, memory and GPUs"))
  }

  @Test(
    "no end that Slurm gives a step is the command's fault, but for its memory",
    arguments: [
      ("7|TIMEOUT|TimeLimit", "MaxTime"), ("7|NODE_FAIL|NodeDown", "node failed"),
      ("7|CANCELLED|None", "cancelled"),
      ("7|PREEMPTED|None", "preempted"), ("7|FAILED|NonZeroExitCode", "FAILED"), ("7|REQUEUED|None", "queue"),
    ])
  func states(line: String, word: String) throws {
    let state = try #require(SlurmState(line: line))
    #expect(!state.isMemory)
    #expect(state.explanation(output: "a\nb").contains(word))
    #expect(state.explanation(output: "a\nb").hasSuffix("srun said: b"))
  }

  @Test("a step that waits for what no time brings is taken back, one that waits its turn is not")
  func hopeless() throws {
    #expect(try #require(SlurmState(line: "7|PENDING|PartitionTimeLimit")).isHopeless)
    for line in [
      "7|PENDING|Resources", "7|PENDING|Priority", "7|RUNNING|None", "7|TIMEOUT|PartitionTimeLimit",
    ] {
      #expect(try !#require(SlurmState(line: line)).isHopeless)
    }
  }

  @Test("a step whose srun is gone still has its place while Slurm says that it waits or runs")
  func open() throws {
    for line in ["7|PENDING|None", "7|RUNNING|None"] {
      #expect(try #require(SlurmState(line: line)).isOpen)
    }
    for line in ["7|COMPLETED|None", "7|COMPLETING|None", "7|TIMEOUT|TimeLimit", "7|CANCELLED|None"] {
      #expect(try !#require(SlurmState(line: line)).isOpen)
    }
  }

  @Test("why a step ended is not asked before it is gone from its node")
  func ending() throws {
    #expect(try #require(SlurmState(line: "7|COMPLETING|TimeLimit")).isEnding)
    #expect(try !#require(SlurmState(line: "7|OUT_OF_MEMORY|OutOfMemory")).isEnding)
  }

  @Test func memory() throws {
    #expect(try #require(SlurmState(line: "7|OUT_OF_MEMORY|OutOfMemory")).isMemory)
    for hostile in ["", "|", "||", "7|TIMEOUT", "7|a|b|c"] { #expect(SlurmState(line: hostile) == nil) }
  }
}
