import AssayTask
import Foundation

/// A task folder of this machine, loaded.
struct OwnTask {
  let folder: URL
  let task: ResearchTask

  /// - Parameter name: a folder, or the name of a bundled task.
  static func load(named name: String) throws -> OwnTask {
    let folder = try TaskLocator.standard().locate(name)
    return OwnTask(folder: folder, task: try TaskLoading.load(folder))
  }
}
