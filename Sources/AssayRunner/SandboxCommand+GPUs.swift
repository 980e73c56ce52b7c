import AssayGPU
import AssaySandbox

extension SandboxCommand {
  /// The same with GPUs, and what programs need to find them and each other.
  ///
  /// - Parameter folder: for the files that name hosts.
  func given(_ gpus: [GPUDevice], of places: GPUPlaces, in folder: JobFolder) throws(RunnerError)
    -> SandboxCommand
  {
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
    // The processes of one training meet at an address of the sandbox's own network.
    for (name, text) in [
      ("hosts", "127.0.0.1 localhost trial\n"),
      ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ] {
      command.mounts.append(.init(try folder.note(name, text), at: "/etc/\(name)"))
    }
    return command
  }
}
