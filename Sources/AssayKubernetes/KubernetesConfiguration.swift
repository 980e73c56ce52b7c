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

  /// The place of the container `step` among the pod's.
  var stepContainer: Int? {
    template["spec"]?["template"]?["spec"]?["containers"]?.items?.firstIndex { $0["name"]?.text == "step" }
  }
}
