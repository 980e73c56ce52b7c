import AssayMessages
import AssayVerdict
import Foundation
import Testing

@testable import AssaySupervisor

@Suite("Runners and their GPUs, for people and programs") struct RunnerRowTests {
  private static func host() -> RunnerV1.RunnerHost {
    var host = RunnerV1.RunnerHost()
    host.name = "a"
    host.state = .active
    host.gpus = (0..<4).map { number in
      var gpu = RunnerV1.GPU()
      gpu.uuid = "GPU-\(number)"
      gpu.model = "NVIDIA H100"
      gpu.memoryBytes = 81559 << 20
      gpu.outOfService = number == 3 ? "Xid 79" : ""
      return gpu
    }
    host.gpusHeld = 1
    host.keptFor = RunnerV1.GPUNeed()
    host.keptFor?.count = 2
    host.keptFor?.memoryBytes = 79000 << 20
    var slot = RunnerV1.RunnerSlot()
    slot.name = "a/0"
    slot.jobId = "job"
    slot.runId = "r"
    slot.trial = 7
    slot.phase = "train"
    slot.gpus = 1
    host.slots = [slot]
    return host
  }

  @Test("how many GPUs are held and free, which are out of service and why, and what the host is kept for")
  func gpus() throws {
    let row = RunnerRow(Self.host(), now: 0)
    let lines = row.text.split(separator: "\n").map(String.init)
    #expect(
      lines.contains(
        "  GPUs: 1 held, 2 free, 1 out of service; kept for a job with 2 GPUs with 79000 MiB each"),
      "\(row.text)")
    #expect(lines.contains("  GPU-3  NVIDIA H100, 81559 MiB, out of service: Xid 79"), "\(row.text)")
    #expect(lines.contains { $0.hasPrefix("  a/0  r/7 train, 1 GPU  ") }, "\(row.text)")
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(row)) as? [String: Any])
    #expect(json["gpus_held"] as? Int == 1 && json["gpus_free"] as? Int == 2)
    #expect(json["kept_for"] as? String == "2 GPUs with 79000 MiB each")
    #expect((json["slots"] as? [[String: Any]])?.first?["gpus"] as? Int == 1)
    // More may be held than are in service: a lease outlasts what happens to its device.
    var lost = Self.host()
    lost.gpusHeld = 4
    #expect(RunnerRow(lost, now: 0).gpusFree == 0)
    #expect(!RunnerRow(RunnerV1.RunnerHost(), now: 0).text.contains("GPU"))
  }

  @Test("a scheduler's GPUs: how many jobs ask for, and how many one node and all have")
  func scheduled() {
    var host = Self.host()
    host.keptFor = nil
    host.gpusHeld = 6
    host.gpus = Array(host.gpus.prefix(1))
    host.gpus[0].uuid = "gpu:h100"
    host.gpus[0].scheduled = RunnerV1.ScheduledGPUs()
    host.gpus[0].scheduled?.perNode = 2
    let lines = RunnerRow(host, now: 0).text.split(separator: "\n").map(String.init)
    #expect(lines.contains("  GPUs: 6 asked of the scheduler"), "\(lines)")
    #expect(lines.contains("  gpu:h100  NVIDIA H100, 81559 MiB, 2 a node"), "\(lines)")
    host.gpus[0].scheduled?.total = 64
    let row = RunnerRow(host, now: 0)
    #expect(row.text.contains("2 a node, 64 in all") && row.gpusFree == 58)
  }

  @Test("a GPU of a trial in one line, with what its driver told")
  func trial() {
    var gpu = TrialDetail.GPU(phase: "train", uuid: "GPU-0", model: "NVIDIA H100")
    gpu.peakMemoryBytes = 300 << 20
    gpu.meanUtilization = 97
    #expect(gpu.text == "train: NVIDIA H100 GPU-0, at most 300 MiB, busy 97 %")
    gpu.peakMemoryBytes = nil
    gpu.meanUtilization = nil
    #expect(gpu.text == "train: NVIDIA H100 GPU-0")
  }

  @Test("what a runner states of a GPU is shown, and an old statement shows what it has")
  func stated() {
    var stated = ProvenanceStatement.GPU(
      uuid: "GPU-0", model: "H100", samples: 40, peakMemoryBytes: 1 << 30, meanUtilization: 90,
      slowdowns: ["power cap": 3])
    let old = TrialDetail.GPU(stated, phase: "train")
    #expect(old.text == "train: H100 GPU-0, at most 1024 MiB, busy 90 %, power cap at 3 of 40 looks")
    #expect(old.isAlone == nil)
    stated.driver = "550.54.15"
    stated.clocks = .init(meanSM: 1755, maxSM: 1980, meanMemory: 2619, maxMemory: 2619, limitSM: 1980)
    stated.maxTemperature = 63
    stated.energyMillijoules = 12_345_678
    stated.xids = ["31": 1, "109": 2]
    stated.listened = "part"
    (stated.processLooks, stated.unknownProcessLooks) = (40, 1)
    let gpu = TrialDetail.GPU(stated, phase: "train")
    #expect(
      gpu.text
        == "train: H100 GPU-0, at most 1024 MiB, busy 90 %, 1755 of 1980 MHz, at most 63 °C, 12345 J, power cap at 3 of 40 looks, "
        + "Xid 31, Xid 109 ×2, not listened to to the end, not known who else was there, driver 550.54.15")
    stated.unknownProcessLooks = 0
    #expect(TrialDetail.GPU(stated, phase: "train").isAlone == true)
    stated.processLooks = 39
    #expect(TrialDetail.GPU(stated, phase: "train").isAlone == false)
  }
}
