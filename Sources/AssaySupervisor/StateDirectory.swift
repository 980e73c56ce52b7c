import Foundation
import Glibc

/// The folder that holds everything of one run: keys, databases, sockets, logs.
///
/// One process at a time owns a state folder for running; the lock is held until the value is closed or the
/// process dies. Reading commands use a folder without owning it.
public struct StateDirectory: Sendable {
  /// Version of the layout. A folder of a newer version is refused untouched.
  public static let formatVersion = 1

  public let root: URL

  /// `$ASSAY_KEYS` where it is set: the keys of deployed services are not the run's.
  public var keys: URL {
    ProcessInfo.processInfo.environment["ASSAY_KEYS"].map { URL(filePath: $0) }
      ?? root.appending(path: "keys")
  }
  public var logs: URL { root.appending(path: "logs") }
  public var sockets: URL { root.appending(path: "sockets") }
  public var runFile: URL { root.appending(path: "run.json") }
  public func state(of service: String) -> URL { root.appending(path: service) }
  public func trustFile(of service: String) -> URL { keys.appending(path: "trust-\(service).json") }

  private var versionFile: URL { root.appending(path: "version") }
  private var lockFile: URL { root.appending(path: "lock") }

  /// Uses an existing state folder.
  public static func existing(at root: URL) throws -> StateDirectory {
    let directory = StateDirectory(root: root)
    guard FileManager.default.fileExists(atPath: directory.versionFile.path) else {
      throw SupervisorError(
        .usage,
        "no run in \(root.path). Start one with `assay run TASK --state \(root.path)`, or name another folder with --state."
      )
    }
    try directory.checkVersion()
    return directory
  }

  /// Makes the folder when it is not there, mode 0700.
  public static func create(at root: URL) throws -> StateDirectory {
    let directory = StateDirectory(root: root)
    let files = FileManager.default
    if files.fileExists(atPath: directory.versionFile.path) {
      try directory.checkVersion()
      return directory
    }
    if let entries = try? files.contentsOfDirectory(atPath: root.path),
      // Keys may be made before the run, so that they can be given to an evaluator elsewhere.
      !Set(entries).isSubset(of: ["lock", "keys"])
    {
      throw SupervisorError(
        .stateConflict,
        "\(root.path) is not empty and holds no Assay run. Choose an empty or new folder with --state.")
    }
    do {
      for folder in [root, directory.keys, directory.logs, directory.sockets]
      where !files.fileExists(atPath: folder.path) {
        try files.createDirectory(
          at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
      try Data("\(formatVersion)\n".utf8).write(to: directory.versionFile, options: .atomic)
    } catch {
      throw SupervisorError(
        .unavailable,
        "cannot write to \(root.path): \(error.localizedDescription). Choose another folder with --state.")
    }
    return directory
  }

  private func checkVersion() throws {
    let text = (try? String(contentsOf: versionFile, encoding: .utf8)) ?? ""
    guard let version = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw SupervisorError(
        .stateConflict,
        "\(versionFile.path) is not readable as a version. Restore the folder from a backup, or use another --state."
      )
    }
    guard version <= Self.formatVersion else {
      throw SupervisorError(
        .stateConflict,
        "\(root.path) was written by a newer Assay (format \(version), this program knows \(Self.formatVersion)). Update Assay; nothing was changed."
      )
    }
  }

  /// Takes sole ownership of the folder until the returned lock goes away.
  ///
  /// - Parameter isReader: for a moment only, to read the record while the run is stopped.
  public func lock(isReader: Bool = false) throws -> StateLock {
    try StateLock(path: lockFile.path, folder: root.path, isReader: isReader)
  }

  /// The same for a run: waits a while for those who only read.
  func lockForRun() async throws -> StateLock {
    let end = ContinuousClock.now.advanced(by: .seconds(15))
    while true {
      do {
        return try lock()
      } catch {
        guard StateLock.isHeldByReader(lockFile.path), ContinuousClock.now < end else { throw error }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  /// Address of a service's socket: a path below the folder, or, where that is too long for a socket, a private
  /// folder in the temporary directory named after the state folder.
  public func socketAddress(of service: String) throws -> String {
    let direct = sockets.appending(path: "\(service).sock").path
    if direct.utf8.count <= 100 { return "ipc://\(direct)" }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in root.standardizedFileURL.path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let folder = "/tmp/assay-\(getuid())-\(String(hash, radix: 16))"
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw SupervisorError(
        .unavailable, "cannot make \(folder) for sockets: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_uid == getuid(), status.st_mode & S_IFMT == S_IFDIR,
      status.st_mode & 0o077 == 0
    else {
      throw SupervisorError(
        .unavailable,
        "\(folder) is not a private folder of this user; remove it, or use a shorter --state path.")
    }
    return "ipc://\(folder)/\(service).sock"
  }
}
