import AssayTask
import Foundation

/// Finds a task folder from what a person typed: a path or the name of a bundled task, and `@PROFILE` where the task has profiles.
public struct TaskLocator: Sendable {
  /// Folders that hold bundled tasks, in order of preference.
  public let searchPath: [URL]

  public init(searchPath: [URL]) { self.searchPath = searchPath }

  /// `$ASSAY_TASKS`, `./tasks`, and the folders beside and above the program.
  public static func standard() -> TaskLocator {
    var folders: [URL] = []
    if let named = ProcessInfo.processInfo.environment["ASSAY_TASKS"] { folders.append(URL(filePath: named)) }
    folders.append(URL(filePath: FileManager.default.currentDirectoryPath).appending(path: "tasks"))
    var folder = Executables.directory
    for _ in 0..<5 {
      folders.append(folder.appending(path: "tasks"))
      folders.append(folder.appending(path: "share/assay/tasks"))
      folder = folder.deletingLastPathComponent()
    }
    return TaskLocator(searchPath: folders)
  }

  /// - Returns: the folder; for a profile, its path with `@PROFILE`, which is what the services take.
  public func locate(_ name: String) throws -> URL {
    let reference = TaskReference(name)
    guard let profile = reference.profile else { return try folder(of: name) }
    let place = try folder(of: reference.directory)
    return URL(filePath: TaskReference(directory: place.path, profile: profile).description)
  }

  private func folder(of name: String) throws -> URL {
    let files = FileManager.default
    func isTask(_ url: URL) -> Bool { files.fileExists(atPath: url.appending(path: "task.yaml").path) }
    let direct = URL(filePath: name).standardizedFileURL
    if isTask(direct) { return direct }
    if !name.contains("/") {
      for folder in searchPath where isTask(folder.appending(path: name)) {
        return folder.appending(path: name).standardizedFileURL
      }
    }
    let known = Set(
      searchPath.flatMap { folder in
        ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
          isTask(folder.appending(path: $0))
        }
      }
    ).sorted()
    let list = known.isEmpty ? "" : " Bundled tasks: \(known.joined(separator: ", "))."
    throw SupervisorError(
      .usage,
      "no task '\(name)': it is neither a folder with a task.yaml nor a bundled task.\(list) `assay task new NAME` makes one."
    )
  }
}
