import AssayGPU
import AssaySandbox

extension SandboxCommand {
  /// The same with GPUs, and what programs need to find them.
  ///
  /// - Parameter folder: of the driver's libraries; nil where it is not known.
  func given(_ gpus: [GPUDevice], of places: GPUPlaces, driver folder: String?) throws(RunnerError)
    -> SandboxCommand
  {
    var command = self
    command.devices = try places.nodes(for: gpus)
    let uuids = gpus.map(\.uuid).joined(separator: ",")
    command.environment["CUDA_VISIBLE_DEVICES"] = uuids
    command.environment["NVIDIA_VISIBLE_DEVICES"] = uuids
    if let folder, !GPUPlaces.isUsual(folder) {
      if !GPUPlaces.isEverywhere(folder) { command.mounts.append(.init(folder, at: folder)) }
      let own = command.environment["LD_LIBRARY_PATH"]
      command.environment["LD_LIBRARY_PATH"] = [folder, own].compactMap(\.self).joined(separator: ":")
    }
    return command
  }
}
