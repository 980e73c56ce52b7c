import Foundation

/// What is asked of a driver, and answered, by way of a process of its own: a line of JSON each.
public enum GPUProbe {
  enum Question: Codable, Sendable {
    case inventory
    /// Of devices with these UUIDs.
    case activity([String])
  }

  struct Answer: Codable, Sendable {
    var inventory: GPUInventory?
    var activity: [String: GPUActivity] = [:]
  }

  /// Answers questions on standard input until that ends: it is the asking process that goes.
  ///
  /// - Parameter library: a path instead of the name by which the driver's library is found.
  public static func serve(library: String) {
    // While jobs run the library stays loaded: where nothing keeps a driver awake, each start of it takes seconds.
    var nvml: NVML?
    while let line = readLine() {
      var answer = Answer()
      switch try? JSONDecoder().decode(Question.self, from: Data(line.utf8)) {
      case .inventory?:
        // Started anew, it knows of devices that came and went.
        nvml = nil
        answer.inventory = GPUInventory.discover(library: library)
      case .activity(let uuids)?:
        if nvml == nil { nvml = try? NVML(library: library) }
        for uuid in uuids { answer.activity[uuid] = nvml?.activity(of: uuid) }
      case nil: return
      }
      guard let text = try? JSONEncoder().encode(answer) else { return }
      FileHandle.standardOutput.write(text + Data("\n".utf8))
    }
  }
}
