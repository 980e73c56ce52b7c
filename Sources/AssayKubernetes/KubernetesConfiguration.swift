public import AssayGPU
import AssayReflection
public import AssaySandbox
import Foundation
import Yams

/// How trials become Jobs of a Kubernetes cluster.
public struct KubernetesConfiguration: Sendable {
  public var access: KubernetesAccess
  /// The Job that each trial's is made of: its image, volumes, security, node selector. A container named `step` runs the trial.
  let template: JSONValue
  /// Steps' folders, on a volume that the runner and every Job mount at the same path.
  public var folder: String
  /// Resources of device plugins that jobs with GPUs get, and how many of each the node has that has most: a runner may not ask for nodes.
  public var gpus: [ScheduledGPUs] = []
  /// The driver's library in the pods, where it is not found by its name.
  public var nvml: String?
  /// What a step may take beyond the command's wall limit, in seconds: for starting, killing and collecting.
  public var grace = 120
  /// What a pod may use beyond the command's memory limit, in bytes.
  public var memoryOverhead: UInt64 = 256 << 20

  /// - Parameter template: YAML or JSON of a `batch/v1` Job.
  /// - Throws: `SandboxError` with the remedy, for a template that is no such Job.
  public init(access: KubernetesAccess, template: String, folder: String) throws(SandboxError) {
    self.access = access
    self.folder = folder
    do {
      self.template = try YAMLDecoder().decode(JSONValue.self, from: template)
    } catch {
      throw SandboxError(.isolationUnavailable, "the Job template cannot be read: \(error)")
    }
    guard self.template["kind"]?.text == "Job", self.template["apiVersion"]?.text == "batch/v1" else {
      throw SandboxError(
        .isolationUnavailable, "the Job template is no Job of batch/v1; set kind: Job, apiVersion: batch/v1")
    }
    guard stepContainer != nil else {
      throw SandboxError(
        .isolationUnavailable,
        "the Job template has no container named 'step'; name the one that runs `assay-runner step` so")
    }
  }

  /// Reads `nvidia.com/gpu=8`.
  ///
  /// - Throws: `SandboxError` with the remedy.
  public static func gpus(_ text: String) throws(SandboxError) -> ScheduledGPUs {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let most = Int(parts[1]), (1...1024).contains(most),
      parts[0].utf8.count <= 96, parts[0].wholeMatch(of: /[a-z0-9.-]+\/[A-Za-z0-9._-]+/) != nil
    else {
      throw SandboxError(
        .isolationUnavailable,
        "'\(text.prefix(200))' is no resource of a device plugin; write its name and how many the node has that has most, such as nvidia.com/gpu=8"
      )
    }
    return ScheduledGPUs(name: parts[0], perNode: most, total: 0)
  }

  /// The place of the container `step` among the pod's.
  var stepContainer: Int? {
    template["spec"]?["template"]?["spec"]?["containers"]?.items?.firstIndex { $0["name"]?.text == "step" }
  }
}
