import Foundation
import Yams

/// Where phases run, and with what.
extension TaskReader {
  mutating func readPhase(_ top: Fields, _ key: String, _ placeholders: Set<String>) -> TaskFile
    .Phase?
  {
    guard let node = top[key],
      let fields = mapping(
        node, key,
        [
          .required("command", "[\"{python}\", /harness/\(key).py, --out, /out]"),
          .required(
            "outputs", "[{path: \(key == "train" ? "artifact" : "predictions").bin, max_bytes: 200000}]"),
          .optional("budget_seconds"), .required("cpu_seconds", "10"), .required("wall_seconds", "60"),
          .required("memory_mb", "1024"), .optional("processes"), .optional("disk_mb"),
          .optional("output_kb"),
        ] + (key == "predict" ? [.optional("protocol"), .optional("reply_seconds")] : []))
    else { return nil }
    let reveal = readReveal(fields, key)
    let command = readCommand(fields, key, placeholders)
    let outputs = readOutputs(fields, key)
    let budget = seconds(fields, "budget_seconds")
    let cpu = seconds(fields, "cpu_seconds")
    let wall = seconds(fields, "wall_seconds")
    let memory = integer(fields, "memory_mb", 1...(1 << 22))
    let processes = integer(fields, "processes", 1...65536) ?? 64
    let disk = integer(fields, "disk_mb", 1...(1 << 22)) ?? 64
    let output = integer(fields, "output_kb", 1...65536) ?? 256
    if let budget, let cpu, budget > cpu {
      error(
        fields["budget_seconds"], "'\(key).budget_seconds' is more than \(key).cpu_seconds",
        "tell the recipe less than it may use, so that there is time to start and to save")
    }
    guard let cpu, let wall, let memory, let command else { return nil }
    return .init(
      command: command, outputs: outputs, budgetSeconds: budget ?? cpu,
      limits: .init(
        cpuSeconds: cpu, wallSeconds: wall, memoryBytes: memory << 20, processes: processes,
        diskBytes: disk << 20, outputBytes: output << 10), reveal: reveal)
  }

  private mutating func readReveal(_ fields: Fields, _ key: String) -> TaskFile.Reveal? {
    guard let node = fields["protocol"] else {
      if let stray = fields["reply_seconds"] {
        error(
          stray, "'\(key).reply_seconds' belongs to protocol: reveal", "write protocol: reveal, or remove it")
      }
      return nil
    }
    guard node.string == "reveal" else {
      error(node, "'\(key).protocol' is not known", "write protocol: reveal, or leave it out")
      return nil
    }
    guard fields["reply_seconds"] != nil else {
      error(
        node, "'\(key).reply_seconds' is missing",
        "say how long a reply may take, for example reply_seconds: 10")
      return nil
    }
    guard let reply = seconds(fields, "reply_seconds") else { return nil }
    if list(fields, "outputs").count != 1 {
      error(
        fields["outputs"], "protocol: reveal has one output, the record of all replies",
        "declare that one alone; what the recipe writes to /out is not taken")
    }
    return .init(replySeconds: reply)
  }

  private mutating func readOutputs(_ fields: Fields, _ key: String) -> [TaskFile.Output] {
    var outputs: [TaskFile.Output] = []
    let nodes = list(fields, "outputs")
    if nodes.isEmpty, fields["outputs"] != nil {
      error(fields["outputs"], "'\(key).outputs' is empty", "declare the file that the phase leaves in /out")
    }
    for (index, node) in nodes.enumerated() {
      let path = "\(key).outputs[\(index)]"
      guard
        let entry = mapping(
          node, path, [.required("path", "artifact.bin"), .required("max_bytes", "200000")])
      else { continue }
      let name = string(entry, "path")
      let limit = integer(entry, "max_bytes", 1...(1 << 40))
      guard let name, check(path: name, entry["path"]), let limit else { continue }
      if outputs.contains(where: { $0.path == name }) {
        error(node, "the output '\(name)' is declared twice", "declare it once")
      }
      outputs.append(.init(path: name, maximumBytes: limit))
    }
    return outputs
  }

  mutating func readEnvironment(_ top: Fields) -> TaskFile.Environment {
    var environment = TaskFile.Environment(
      requirements: nil, variables: [:], cores: 1, labels: [:], gpus: nil)
    guard let node = top["environment"],
      let fields = mapping(
        node, "environment",
        [
          .optional("requirements"), .optional("variables"), .optional("cores"), .optional("labels"),
          .optional("gpus"),
        ])
    else { return environment }
    environment.cores = integer(fields, "cores", 1...1024) ?? 1
    environment.labels = readLabels(fields)
    environment.gpus = readGPUs(fields)
    if let path = string(fields, "requirements"), check(path: path, fields["requirements"]) {
      if let bytes = folder.bytes(path), let text = String(validating: bytes, as: UTF8.self) {
        let requirements = RequirementsFile(path: path, text: text)
        diagnostics += requirements.diagnostics
        packages = requirements.packages
        if !packages.isEmpty { environment.requirements = path }
      } else {
        error(
          fields["requirements"], "'environment.requirements' names '\(path)', which is missing or not text",
          "write it, or leave the key out where the system's Python is enough")
      }
    }
    guard let variables = fields["variables"], let pairs = pairs(variables, "environment.variables") else {
      return environment
    }
    for (name, value) in pairs {
      let path = "environment.variables.\(shown(name))"
      if name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) == nil {
        error(value, "'\(shown(name))' is no name of a variable", "use letters, digits and '_'")
      } else if ["PATH", "HOME", "TMPDIR"].contains(name) || name.hasPrefix("LD_") || name.hasPrefix("ASSAY_")
      {
        error(value, "'\(path)' is set by the runner", "remove it")
      }
      guard let text = text(value, path) else { continue }
      if text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
        error(value, "'\(path)' holds a control character", "write it on one line")
      }
      environment.variables[name] = text
    }
    return environment
  }

  /// What a runner must offer; the form of a label is that of the evaluator's `RunnerLabel`.
  private mutating func readLabels(_ environment: Fields) -> [String: String] {
    guard let node = environment["labels"], let pairs = pairs(node, "environment.labels") else { return [:] }
    var labels: [String: String] = [:]
    for (name, value) in pairs {
      guard let text = text(value, "environment.labels.\(shown(name))") else { continue }
      guard "\(name)=\(text)".wholeMatch(of: /[A-Za-z0-9._-]+=[A-Za-z0-9._-]+/) != nil,
        name.utf8.count + text.utf8.count < 128
      else {
        error(
          value, "'environment.labels.\(shown(name))' is no label",
          "use letters, digits, dots, dashes and underscores, such as gpu: h100")
        continue
      }
      labels[name] = text
    }
    return labels
  }

  private mutating func readGPUs(_ environment: Fields) -> TaskFile.GPUs? {
    guard let node = environment["gpus"],
      let fields = mapping(
        node, "environment.gpus",
        [.required("count", "1"), .optional("memory_mb"), .optional("compute_capability")]),
      let count = integer(fields, "count", 1...64)
    else { return nil }
    let memory = integer(fields, "memory_mb", 1...(1 << 22)) ?? 0
    let capability = decimal(fields, "compute_capability")
    return .init(count: count, memoryMB: memory, computeCapability: capability)
  }
}
