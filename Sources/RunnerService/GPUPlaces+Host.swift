import AssayGPU
import AssayRunner

extension GPUPlaces {
  /// Those of this host, asked for through a process of its own.
  ///
  /// - Parameter nvml: the driver's library, where it is not found by its name.
  static func ofThisHost(nvml: String?) -> GPUPlaces {
    let library = nvml ?? NVML.libraryName
    return GPUPlaces(
      library: library, probe: ["/proc/self/exe", "gpus", "--nvml", library], locks: "/run/lock")
  }
}
