import AssayAudit
import AssayExport
import AssayProcess
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
      _ = try await git(["init", "--quiet", folder.path], in: folder)
    }
    guard try await git(["rev-parse", "--verify", "--quiet", "refs/heads/\(branch)"], in: folder) != 0 else {
      throw SupervisorError(
        .usage, "\(folder.path) has a branch '\(branch)' already; name another with --branch.")
    }
    guard try await git(["fast-import", "--quiet", "--done"], in: folder, input: Data(stream)) == 0 else {
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

  /// Long enough for any lineage; git waits for nobody.
  private static let timeLimit: Duration = .seconds(1800)

  /// Runs git with no configuration but the repository's own, and returns its status.
  private static func git(_ arguments: [String], in folder: URL, input: Data? = nil) async throws -> Int32 {
    let program = ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard let program else {
      throw SupervisorError(.unavailable, "there is no git; install the package git, or use --out.")
    }
    let outcome: ChildProcess.Captured
    do {
      outcome = try await ChildProcess.capture(
        [program, "-C", folder.path] + arguments,
        environment: [
          "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
          "LC_ALL": "C.UTF-8",
        ], input: input, maximumOutput: 1 << 16, timeLimit: timeLimit)
    } catch let failure as ChildProcess.StartFailure {
      throw SupervisorError(.unavailable, "cannot start \(program): \(failure.text)")
    }
    switch (outcome.limit, outcome.end) {
    case (nil, .exited(let status)): return status
    case (nil, .signalled(let number)):
      throw SupervisorError(
        .unavailable, "git was ended by signal \(number), so that the branch may not be written; try again.")
    case (_?, _):
      throw SupervisorError(
        .unavailable, "git did not come to an end in \(folder.path), so that the branch may not be written.")
    }
  }
}
