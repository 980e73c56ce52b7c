import AssayGPU
import AssaySandbox

extension SandboxCommand {
  /// The same with GPUs, and what programs need to find them.
  func given(_ gpus: [GPUDevice], of places: GPUPlaces) throws(RunnerError) -> SandboxCommand {
    var command = self
    command.devices = try places.nodes(for: gpus)
    let uuids = gpus.map(\.uuid).joined(separator: ",")
    command.environment["CUDA_VISIBLE_DEVICES"] = uuids
    command.environment["NVIDIA_VISIBLE_DEVICES"] = uuids
    if let libraries = places.libraries {
      command.mounts.append(.init(libraries, at: libraries))
      let own = command.environment["LD_LIBRARY_PATH"]
      command.environment["LD_LIBRARY_PATH"] = [libraries, own].compactMap(\.self).joined(separator: ":")
    }
    return command
  }
}
