import Foundation

/// The programs that belong together, found beside the running one.
public enum Executables {
  /// Folder of the running program; `$ASSAY_BIN` overrides it.
  public static var directory: URL {
    if let named = ProcessInfo.processInfo.environment["ASSAY_BIN"] { return URL(filePath: named) }
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(filePath: path).deletingLastPathComponent()
  }

  /// Path of one of our programs.
  public static func locate(_ name: String) throws -> URL {
    let candidate = directory.appending(path: name)
    guard FileManager.default.isExecutableFile(atPath: candidate.path) else {
      throw SupervisorError(
        .unavailable,
        "\(name) is not in \(directory.path). Build all programs with `make build`, or set ASSAY_BIN to their folder."
      )
    }
    return candidate
  }
}
