import Foundation

/// Where state and prepared tasks live when nobody says otherwise.
public enum StateLocator {
  /// Folder for a new or continued run of a task.
  public static func forRun(named state: String?, task: String) -> URL {
    if let state { return URL(filePath: state).standardizedFileURL }
    if let named = ProcessInfo.processInfo.environment["ASSAY_STATE"] {
      return URL(filePath: named).standardizedFileURL
    }
    let name = URL(filePath: task).standardizedFileURL.lastPathComponent
    return home.appending(path: name)
  }

  /// Folder of the run that a reading command means: the named one, or the newest below `./.assay`.
  public static func existing(named state: String?) throws -> URL {
    if let state { return URL(filePath: state).standardizedFileURL }
    if let named = ProcessInfo.processInfo.environment["ASSAY_STATE"] {
      return URL(filePath: named).standardizedFileURL
    }
    let files = FileManager.default
    let runs = ((try? files.contentsOfDirectory(atPath: home.path)) ?? [])
      .map { home.appending(path: $0) }
      .filter { files.fileExists(atPath: $0.appending(path: "run.json").path) }
      .map { url in
        (
          url,
          (try? files.attributesOfItem(atPath: url.appending(path: "run.json").path)[.modificationDate]
            as? Date) ?? .distantPast
        )
      }
    guard let newest = runs.max(by: { $0.1 < $1.1 }) else {
      throw SupervisorError(
        .usage,
        "no run below \(home.path). Start one with `assay run golf-mini`, or name its folder with --state.")
    }
    return newest.0
  }

  /// Folder for environments and data, shared by all runs of this user.
  public static func preparedDefault() -> URL {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["ASSAY_PREPARED"] { return URL(filePath: named).standardizedFileURL }
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return URL(filePath: cache).appending(path: "assay/prepared")
    }
    if let home = environment["HOME"], home.hasPrefix("/") {
      return URL(filePath: home).appending(path: ".cache/assay/prepared")
    }
    return home.appending(path: "prepared")
  }

  static var home: URL {
    URL(filePath: FileManager.default.currentDirectoryPath).appending(path: ".assay")
  }
}
