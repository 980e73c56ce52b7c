import AssayReflection
import AssaySandbox

/// The Job that is asked for, for one command. Pure.
struct JobManifest: Sendable, Hashable {
  /// On each Job of ours.
  static let label = "assay.step"

  var name: String
  var document: JSONValue

  /// GPUs of one kind, all in the pod.
  struct GPUs: Sendable, Hashable {
    /// The resource of a device plugin, such as `nvidia.com/gpu`.
    var resource: String
    var count: Int
  }

  /// - Parameters:
  ///   - folder: the step's, at the same path in the pod.
  ///   - gpus: nil for none.
  ///   - avoided: nodes that are not to take it.
  init(
    name: String, command: SandboxCommand, folder: String, gpus: GPUs? = nil, avoided: [String] = [],
    configuration: KubernetesConfiguration
  ) {
    self.name = name
    document = configuration.template
    document.edit("metadata") { metadata in
      metadata["name"] = .string(name)
      metadata["namespace"] = .string(configuration.access.namespace)
      metadata.edit("labels") { $0[Self.label] = .string(name) }
    }
    document.edit("spec") { job in
      // What runs again, the evaluator says.
      job["backoffLimit"] = 0
      job["completions"] = 1
      job["parallelism"] = 1
      // Should the runner never come back.
      if job["ttlSecondsAfterFinished"] == nil { job["ttlSecondsAfterFinished"] = 600 }
      job.edit("template") { template in
        template.edit("metadata") { $0.edit("labels") { $0[Self.label] = .string(name) } }
        template.edit("spec") { pod in
          pod["restartPolicy"] = "Never"
          if !avoided.isEmpty { pod.edit("affinity") { Self.avoid(avoided, &$0) } }
          if command.limits.wallMilliseconds > 0 {
            // Of the pod, which begins when a node has taken it: time in the queue is not the trial's.
            pod["activeDeadlineSeconds"] = .integer(
              Int64(clamping: command.limits.wallMilliseconds / 1000) + Int64(configuration.grace))
          }
          guard var containers = pod["containers"]?.items, let place = configuration.stepContainer else {
            return
          }
          containers[place]["args"] = .array(
            ["step", "--folder", .string(folder)]
              + (configuration.nvml.map { ["--nvml", .string($0)] } ?? []))
          containers[place].edit("resources") { resources in
            for kind in ["requests", "limits"] {
              resources.edit(kind) { amounts in
                // GPUs that are given to jobs which ask for them are no other job's.
                for kind in configuration.gpus { amounts[kind.name] = nil }
                if let gpus { amounts[gpus.resource] = .string("\(gpus.count)") }
                amounts["cpu"] = .string("\(max(1, command.cores.count))")
                guard command.limits.memoryBytes > 0 else { return }
                amounts["memory"] = .string(
                  "\((command.limits.memoryBytes + configuration.memoryOverhead + (1 << 20) - 1) >> 20)Mi")
              }
            }
          }
          pod["containers"] = .array(containers)
        }
      }
    }
  }

  /// Adds to each of the template's terms, of which one has to hold, that a node is none of these.
  private static func avoid(_ nodes: [String], _ affinity: inout JSONValue) {
    // One name each: more are not allowed.
    let others: [JSONValue] = nodes.map {
      ["key": "metadata.name", "operator": "NotIn", "values": [.string($0)]]
    }
    affinity.edit("nodeAffinity") { affinity in
      affinity.edit("requiredDuringSchedulingIgnoredDuringExecution") { required in
        let terms = required["nodeSelectorTerms"]?.items ?? [[:]]
        required["nodeSelectorTerms"] = .array(
          terms.map { term in
            var term = term
            term["matchFields"] = .array((term["matchFields"]?.items ?? []) + others)
            return term
          })
      }
    }
  }
}

extension JSONValue {
  /// Members of an object, to be set; what is no object becomes one.
  fileprivate subscript(key: String) -> JSONValue? {
    get { members?[key] }
    set {
      var members = members ?? [:]
      members[key] = newValue
      self = .object(members)
    }
  }

  fileprivate mutating func edit(_ key: String, _ change: (inout JSONValue) -> Void) {
    var member = self[key] ?? [:]
    change(&member)
    self[key] = member
  }
}
