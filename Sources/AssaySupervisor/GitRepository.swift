import AssayAudit
import AssayExport
import Foundation

/// Writes the kept lineage of a run as a branch of a git repository, through `git fast-import`.
public enum GitRepository {
  /// - Parameters:
  ///   - folder: a repository, or a folder that is made one.
  ///   - branch: a branch that is not there yet.
  /// - Returns: how many commits were written.
  /// - Throws: `SupervisorError`; then the branch was not made.
  public static func writeLineage(of location: RunLocation, to folder: URL, branch: String) async throws
    -> Int
  {
    guard isName(branch) else {
      throw SupervisorError(
        .usage,
        "'\(TerminalText.oneLine(branch, limit: 64))' cannot be the name of a branch; use letters, digits, - and /."
      )
    }
    let (stream, count) = try await location.withRecord { record -> ([UInt8], Int) in
      let trajectory = try await Trajectory(reading: record)
      guard let best = trajectory.best else {
        throw SupervisorError(.negative, "the run has no score yet, so there is no lineage to write.")
      }
      let path = Array(trajectory.ancestry(of: best.position).reversed())
      do {
        return (try await LineageBranch.stream(record, path: path, branch: branch), path.count)
      } catch let error as ExportError {
        throw SupervisorError(error)
      }
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: folder.appending(path: ".git").path) {
      _ = try git(["init", "--quiet", folder.path], in: folder, input: nil)
    }
    guard try git(["rev-parse", "--verify", "--quiet", "refs/heads/\(branch)"], in: folder, input: nil) != 0
    else {
      throw SupervisorError(
        .usage, "\(folder.path) has a branch '\(branch)' already; name another with --branch.")
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "assay-lineage-\(UUID().uuidString)")
    try Data(stream).write(to: file, options: .withoutOverwriting)
    defer { try? FileManager.default.removeItem(at: file) }
    guard try git(["fast-import", "--quiet", "--done"], in: folder, input: file) == 0 else {
      throw SupervisorError(.unavailable, "git could not write the branch in \(folder.path).")
    }
    return count
  }

  private static func isName(_ branch: String) -> Bool {
    !branch.isEmpty && branch.utf8.count <= 100 && !branch.hasPrefix("-") && !branch.hasPrefix("/")
      && !branch.hasSuffix("/") && !branch.hasSuffix(".lock") && !branch.contains("..")
      && !branch.contains("//")
      && !branch.contains("/.") && !branch.hasPrefix(".") && !branch.hasSuffix(".")
      && branch.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_/.".contains($0)) }
  }

  /// Runs git with no configuration but the repository's own, and returns its status.
  private static func git(_ arguments: [String], in folder: URL, input: URL?) throws -> Int32 {
    let program = ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard let program else {
      throw SupervisorError(.unavailable, "there is no git; install the package git, or use --out.")
    }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = ["-C", folder.path] + arguments
    process.environment = [
      "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
      "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
