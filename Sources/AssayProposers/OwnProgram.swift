import AssaySandbox
import Foundation

/// The program `assay` as a sandboxed program sees it: at `/assay/assay`, with the libraries that it loads.
enum OwnProgram {
  static var mounts: [SandboxCommand.Mount] {
    let beside = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(filePath: $0).deletingLastPathComponent().path
    }
    let folders = [ProcessInfo.processInfo.environment["ASSAY_BIN"], beside].compactMap(\.self)
    guard
      let program = folders.map({ $0 + "/assay" }).first(where: FileManager.default.isExecutableFile(atPath:))
    else { return [] }
    return [.init(program, at: "/assay/assay")] + libraryFolders.map { .init($0, at: $0) }
  }

  /// Where libraries of this process lie that a sandbox does not show anyway: the Swift runtime's, mostly.
  private static var libraryFolders: [String] {
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    var folders: [String] = []
    for line in maps.split(separator: "\n") {
      guard let start = line.firstIndex(of: "/") else { continue }
      let path = String(line[start...])
      guard path.contains(".so"), !path.hasPrefix("/usr/"), !path.hasPrefix("/lib") else { continue }
      let folder = URL(filePath: path).deletingLastPathComponent().path
      if !folders.contains(folder) { folders.append(folder) }
    }
    return folders
  }
}
