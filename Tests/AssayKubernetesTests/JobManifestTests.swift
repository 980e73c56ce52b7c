import AssayReflection
import AssaySandbox
import Foundation
import Testing

@testable import AssayKubernetes

@Suite("What is asked of a cluster")
struct JobManifestTests {
  private func configuration(_ template: String) throws -> KubernetesConfiguration {
    try KubernetesConfiguration(
      access: KubernetesAccess(server: "https://api", authority: nil, tokenFile: "/token", namespace: "lab"),
      template: template, folder: "/shared")
  }

  private static let template = """
    apiVersion: batch/v1
    kind: Job
    metadata: {labels: {team: lab}}
    spec:
      backoffLimit: 6
      template:
        metadata: {labels: {team: lab}}
        spec:
          nodeSelector: {gpu: h100}
          containers:
            - {name: proxy, image: proxy}
            - {name: step, image: assay/runner, args: [other], resources: {limits: {nvidia.com/gpu: 1}}}
    """

  private func command(wall: UInt64, memory: UInt64, cores: [Int] = []) -> SandboxCommand {
    SandboxCommand(
      arguments: ["/bin/true"], limits: SandboxLimits(wallMilliseconds: wall, memoryBytes: memory),
      cores: cores)
  }

  @Test("limits of the pod lie above those that the launcher enforces; what the template says else stays")
  func limits() throws {
    let job = JobManifest(
      name: "assay-1", command: command(wall: 600_000, memory: 1 << 30, cores: [3, 4]),
      folder: "/shared/assay-1",
      configuration: try configuration(Self.template)
    ).document
    #expect(job["metadata"]?["name"] == "assay-1")
    #expect(job["metadata"]?["namespace"] == "lab")
    #expect(job["metadata"]?["labels"] == ["team": "lab", "assay.step": "assay-1"])
    #expect(job["spec"]?["backoffLimit"] == 0)
    let pod = try #require(job["spec"]?["template"]?["spec"])
    #expect(job["spec"]?["template"]?["metadata"]?["labels"]?["assay.step"] == "assay-1")
    #expect(pod["restartPolicy"] == "Never")
    #expect(pod["activeDeadlineSeconds"] == 720)
    #expect(pod["nodeSelector"] == ["gpu": "h100"])
    let containers = try #require(pod["containers"]?.items)
    #expect(containers.count == 2)
    #expect(containers[0] == ["name": "proxy", "image": "proxy"])
    #expect(containers[1]["args"] == ["step", "--folder", "/shared/assay-1"])
    #expect(containers[1]["image"] == "assay/runner")
    #expect(
      containers[1]["resources"] == [
        "requests": ["cpu": "2", "memory": "1280Mi"],
        "limits": ["cpu": "2", "memory": "1280Mi", "nvidia.com/gpu": 1],
      ])
  }

  @Test("a job's GPUs are those that it asks for; a job without has none, whatever the template says")
  func gpus() throws {
    var configuration = try configuration(Self.template)
    configuration.gpus = [
      try KubernetesConfiguration.gpus("nvidia.com/gpu=8"),
      try KubernetesConfiguration.gpus("nvidia.com/mig-1g.10gb=7"),
    ]
    configuration.nvml = "/nvidia/libnvidia-ml.so.1"
    func step(_ gpus: JobManifest.GPUs?) -> JSONValue? {
      JobManifest(
        name: "assay-5", command: command(wall: 0, memory: 0), folder: "/shared/assay-5", gpus: gpus,
        configuration: configuration
      ).document["spec"]?["template"]?["spec"]?["containers"]?.items?[1]
    }
    let small: JSONValue = ["cpu": "1", "nvidia.com/mig-1g.10gb": "1"]
    #expect(
      step(.init(resource: "nvidia.com/mig-1g.10gb", count: 1))?["resources"] == [
        "requests": small, "limits": small,
      ])
    #expect(step(nil)?["resources"] == ["requests": ["cpu": "1"], "limits": ["cpu": "1"]])
    #expect(
      step(nil)?["args"] == ["step", "--folder", "/shared/assay-5", "--nvml", "/nvidia/libnvidia-ml.so.1"])
  }

  @Test("nodes that are avoided are excluded by name, from each of the template's own terms")
  func avoided() throws {
    func affinity(_ template: String, _ nodes: [String]) throws -> JSONValue? {
      JobManifest(
        name: "assay-6", command: command(wall: 0, memory: 0), folder: "/shared/assay-6", avoided: nodes,
        configuration: try configuration(template)
      ).document["spec"]?["template"]?["spec"]?["affinity"]
    }
    func other(_ node: String) -> JSONValue {
      ["key": "metadata.name", "operator": "NotIn", "values": [.string(node)]]
    }
    func required(_ terms: JSONValue) -> JSONValue {
      ["nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": terms]]]
    }
    #expect(try affinity(Self.template, []) == nil)
    #expect(
      try affinity(Self.template, ["n0", "n1"]) == required([["matchFields": [other("n0"), other("n1")]]]))
    let terms = """
            affinity:
              nodeAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                  nodeSelectorTerms:
                    - matchExpressions: [{key: gpu, operator: Exists}]
                    - matchFields: [{key: metadata.name, operator: In, values: [n7]}]
            nodeSelector
      """
    let exists: JSONValue = ["key": "gpu", "operator": "Exists"]
    let seventh: JSONValue = ["key": "metadata.name", "operator": "In", "values": ["n7"]]
    #expect(
      try affinity(Self.template.replacing("      nodeSelector", with: terms), ["n0"])
        == required([
          ["matchExpressions": [exists], "matchFields": [other("n0")]],
          ["matchFields": [seventh, other("n0")]],
        ]))
  }

  @Test(
    "what is no resource with a number is refused",
    arguments: [
      "", "nvidia.com/gpu", "nvidia.com/gpu=0", "gpu=8", "nvidia.com/gpu=8=9", "a/b c=1", "a/b=9999",
    ])
  func resources(text: String) {
    #expect(throws: SandboxError.self) { try KubernetesConfiguration.gpus(text) }
  }

  @Test("the template that is shipped is one") func shipped() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../compose/kubernetes/jobs/job.yaml")
    let job = JobManifest(
      name: "assay-3", command: command(wall: 1000, memory: 1 << 20), folder: "/steps/runner/assay-3",
      configuration: try configuration(String(contentsOf: path, encoding: .utf8))
    ).document
    let step = job["spec"]?["template"]?["spec"]?["containers"]?.items?[0]
    #expect(step?["command"] == ["/usr/lib/assay/assay-runner"])
    #expect(step?["securityContext"]?["capabilities"] == ["drop": ["ALL"]])
    #expect(job["spec"]?["template"]?["spec"]?["automountServiceAccountToken"] == false)
  }

  @Test("without limits the template's own count") func unlimited() throws {
    let job = JobManifest(
      name: "assay-2", command: command(wall: 0, memory: 0), folder: "/shared/assay-2",
      configuration: try configuration(Self.template)
    ).document
    let pod = job["spec"]?["template"]?["spec"]
    #expect(pod?["activeDeadlineSeconds"] == nil)
    #expect(pod?["containers"]?.items?[1]["resources"]?["limits"]?["memory"] == nil)
    #expect(pod?["containers"]?.items?[1]["resources"]?["limits"]?["cpu"] == "1")
  }

  @Test(
    "a template that is no such Job is refused, and told why",
    arguments: [
      ("[1", "cannot be read"), ("{}", "no Job of batch/v1"), ("kind: Pod\napiVersion: batch/v1", "no Job"),
      ("kind: Job\napiVersion: batch/v1", "no container named 'step'"), ("7", "no Job"),
    ])
  func refused(template: String, word: String) {
    #expect {
      try configuration(template)
    } throws: {
      ($0 as? SandboxError)?.message.contains(word) == true
    }
  }
}
