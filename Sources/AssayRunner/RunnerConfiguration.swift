public import AssayArtifacts
import Foundation

/// What a runner is and offers.
public struct RunnerConfiguration: Sendable {
  /// Stable name; slots are `name/0`, `name/1`, ...
  public var name: String
  /// Jobs at the same time, each pinned to cores of its own.
  public var slots: Int
  /// Folders that jobs may ask for, by `TASK/NAME`, such as `golf-mini/data`.
  public var mounts: [String: String]
  /// Scratch folder of this runner.
  public var state: URL
  /// What the host offers to jobs that ask for it, `name=value`.
  public var labels: [String]
  /// Memory that one slot may use; 0 when it is not known.
  public var slotMemoryBytes: UInt64
  /// Where artifacts are left and looked for; nil where all of them travel by RPC.
  public var artifactVolume: ArtifactVolume?
  /// Nil where this runner gives jobs none of its host's: on clusters it is the scheduler that gives them (``GPUScheduler``).
  public var gpus: GPUPlaces?
  /// Between looks at the GPUs of a running job.
  var gpuInterval = Duration.seconds(1)

  public init(
    name: String, slots: Int, mounts: [String: String], state: URL, labels: [String] = [],
    slotMemoryBytes: UInt64 = 0, gpus: GPUPlaces? = nil
  ) {
    self.name = name
    self.slots = slots
    self.mounts = mounts
    self.state = state
    self.labels = labels
    self.slotMemoryBytes = slotMemoryBytes
    self.gpus = gpus
  }

  /// All folders `TASK/NAME` in a folder.
  public static func mounts(in folder: String) throws(RunnerError) -> [String: String] {
    let root = URL(filePath: folder).standardizedFileURL.path
    var mounts: [String: String] = [:]
    do {
      let files = FileManager.default
      for task in try files.contentsOfDirectory(atPath: root) where !task.hasPrefix(".") {
        for name in try files.contentsOfDirectory(atPath: "\(root)/\(task)") where !name.hasPrefix(".") {
          mounts["\(task)/\(name)"] = "\(root)/\(task)/\(name)"
        }
      }
    } catch {
      throw RunnerError(
        .configuration,
        "cannot read the mounts in \(root): \(error.localizedDescription). `assay task prepare TASK --publish \(root)` makes them."
      )
    }
    return mounts
  }

  /// Reads `TASK/NAME=DIR`.
  public static func mount(_ text: String) throws(RunnerError) -> (name: String, folder: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0].split(separator: "/").count == 2, parts[1].hasPrefix("/") else {
      throw RunnerError(
        .configuration,
        "'\(text)' is no mount; write TASK/NAME=/absolute/folder, such as golf-mini/data=/srv/golf")
    }
    return (parts[0], parts[1])
  }
}
