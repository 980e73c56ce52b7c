public import AssayMessages

extension RunnerV1.GPUNeed {
  /// `2 GPUs with 79000 MiB each, compute capability 9.0`.
  public var text: String {
    var text = "\(count) \(model.isEmpty ? "GPU" : model)\(count == 1 || !model.isEmpty ? "" : "s")"
    if memoryBytes > 0 { text += " with \(memoryBytes >> 20) MiB\(count == 1 ? "" : " each")" }
    if !computeCapability.isEmpty {
      text += "\(memoryBytes > 0 ? "," : " with") compute capability \(computeCapability)"
    }
    return text
  }
}
