import Foundation
import Glibc

/// GPUs as the vendor's management library (NVML) counts them; it is loaded when it is there, and needed by nobody else.
enum Graphics {
  private typealias Plain = @convention(c) () -> Int32
  private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
  private typealias Text = @convention(c) (UnsafeMutablePointer<CChar>, UInt32) -> Int32
  private typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  private typealias Name = @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>, UInt32) -> Int32

  static func finding() -> Finding {
    let devices = ((try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []).filter {
      $0.hasPrefix("nvidia") && $0.dropFirst(6).allSatisfy(\.isNumber) && $0.count > 6
    }
    guard let library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL) else {
      return devices.isEmpty
        ? Finding("gpus", .ok, "none; the bundled tasks train on CPUs")
        : Finding(
          "gpus", .fail, "\(devices.count) devices, but no libnvidia-ml.so.1",
          remedy: "install the driver's libraries; in a container, run with the NVIDIA runtime")
    }
    defer { dlclose(library) }
    func function<Type>(_ name: String, as type: Type.Type) -> Type? {
      dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }
    guard let begin = function("nvmlInit_v2", as: Plain.self),
      let end = function("nvmlShutdown", as: Plain.self),
      let count = function("nvmlDeviceGetCount_v2", as: Count.self),
      let handle = function("nvmlDeviceGetHandleByIndex_v2", as: Handle.self),
      let name = function("nvmlDeviceGetName", as: Name.self),
      let driver = function("nvmlSystemGetDriverVersion", as: Text.self)
    else {
      return Finding("gpus", .warn, "libnvidia-ml.so.1 is of another age", remedy: "update the driver")
    }
    let status = begin()
    guard status == 0 else {
      return Finding(
        "gpus", devices.isEmpty ? .ok : .fail,
        "NVML does not start (status \(status)), \(devices.count) devices",
        remedy: devices.isEmpty ? "" : "nvidia-smi says more; driver and library may be of different versions"
      )
    }
    defer { _ = end() }
    var number: UInt32 = 0
    guard count(&number) == 0, number > 0 else { return Finding("gpus", .ok, "none") }
    func text(_ fill: (UnsafeMutablePointer<CChar>, UInt32) -> Int32) -> String {
      var buffer = [CChar](repeating: 0, count: 96)
      guard fill(&buffer, UInt32(buffer.count)) == 0 else { return "?" }
      return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    var names: [String: Int] = [:]
    for index in 0..<number {
      var device: OpaquePointer?
      guard handle(index, &device) == 0 else { continue }
      names[text { name(device, $0, $1) }, default: 0] += 1
    }
    let listed = names.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
    return Finding("gpus", .ok, "\(listed), driver \(text { driver($0, $1) })")
  }
}
