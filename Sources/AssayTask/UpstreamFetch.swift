import AssayProcess
import Foundation

/// Fetches the files of somebody else's repository that a task's baseline is made of, on the user's machine.
///
/// The commit is asked for by its name, and git checks every object that it receives against its own digest, so what arrives is what the
/// task's author saw or nothing. Files appear in the task folder complete or not at all.
public struct UpstreamFetch: Sendable {
  private let reference: TaskReference
  private let folder: String
  private let upstream: TaskFile.Upstream
  private let isPresent: Bool
  private let program: String
  private let variables: [String: String]

  /// Nil for a task without upstream files. Blocks on the disk.
  ///
  /// Throws `invalid` with every mistake of the task, `unreadable` or `unknown_profile`.
  public init?(
    _ reference: TaskReference, program: String = "/usr/bin/git",
    variables: [String: String] = ProcessInfo.processInfo.environment
  ) throws(TaskError) {
    let reader = try TaskReader(reference)
    guard let upstream = reader.upstream else { return nil }
    let root = TaskFile.Upstream.folder
    let others = reader.diagnostics.filter {
      $0.severity == .error && $0.file != root && !$0.file.hasPrefix(root + "/")
    }
    guard others.isEmpty else {
      throw TaskError(
        .invalid, "the task at '\(reference)' has mistakes; 'assay task check \(reference)' lists them",
        diagnostics: others)
    }
    self.reference = reference
    self.upstream = upstream
    self.program = program
    folder = reader.folder.directory
    isPresent = reader.file != nil && !reader.isUpstreamMissing
    var variables = variables
    variables["GIT_TERMINAL_PROMPT"] = "0"
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] { variables[name] = nil }
    self.variables = variables
  }

  /// Fetches what is not here yet; files that were changed since are fetched again.
  ///
  /// - Returns: whether something was fetched.
  /// Throws `missing_program`, `upstream_failed`, `upstream_changed`, `unwritable` or `cancelled`; then nothing has changed.
  @discardableResult
  public func run(progress: @escaping @Sendable (String) -> Void = { _ in }) async throws(TaskError) -> Bool {
    if isPresent { return false }
    let clone = "\(folder)/.upstream-\(UUID().uuidString)"
    let draft = clone + "-files"
    defer {
      try? FileManager.default.removeItem(atPath: clone)
      try? FileManager.default.removeItem(atPath: draft)
    }
    progress("fetching \(upstream.url) at \(upstream.commit)")
    try await git(["init", "-q", clone], "make a folder in '\(folder)'")
    let fetched = "fetch commit \(upstream.commit) of \(upstream.url)"
    try await git(
      [
        "-C", clone, "-c", "fetch.fsckObjects=true", "fetch", "-q", "--depth", "1", "--no-tags", upstream.url,
        upstream.commit,
      ], fetched)
    let name = try await git(["-C", clone, "rev-parse", "FETCH_HEAD^{commit}"], fetched).last ?? ""
    guard name == upstream.commit else {
      throw TaskError(
        .upstreamChanged,
        "\(upstream.url) gave commit '\(shown(name))' where \(upstream.commit) was asked for; see what answers there"
      )
    }
    try await git(
      [
        "-C", clone, "-c", "core.autocrlf=false", "-c", "core.symlinks=false", "-c",
        "advice.detachedHead=false",
        "checkout", "-q", "FETCH_HEAD",
      ], "check the files out")
    do {
      return try await Blocking.run {
        try install(from: clone, draft)
        return true
      }
    } catch let error as TaskError {
      throw error
    } catch is CancellationError {
      throw TaskError(.cancelled, "the preparation of '\(reference)' was cancelled; run it again")
    } catch {
      throw TaskError(
        .unwritable,
        "cannot write to '\(folder)'; a task with upstream files needs a folder that you may write: copy it",
        cause: error)
    }
  }

  private func install(from clone: String, _ draft: String) throws {
    var lock = UpstreamLock(upstream: UpstreamLock.identity(upstream), files: [:])
    for file in upstream.files {
      let source = "\(clone)/\(file.path)"
      let kind = try? FileManager.default.attributesOfItem(atPath: source)[.type] as? FileAttributeType
      guard kind == .typeRegular, let data = FileManager.default.contents(atPath: source) else {
        throw TaskError(
          .upstreamChanged,
          "commit \(upstream.commit) of \(upstream.url) has no file '\(file.path)'; correct upstream.files")
      }
      if let pinned = file.sha256 {
        let found = FileDigest.sha256([UInt8](data))
        guard found == pinned else {
          throw TaskError(
            .upstreamChanged,
            "'\(file.path)' of \(upstream.url) has digest \(found), expected \(pinned); nothing was taken over"
          )
        }
      }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw TaskError(
          .upstreamChanged, "the upstream file '\(file.path)' is not UTF-8 text; recipes are text")
      }
      let marked = try UpstreamSections.insert(file.sections, into: text, of: file.path)
      let place = URL(fileURLWithPath: "\(draft)/\(file.path)")
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(marked.utf8).write(to: place)
      lock.files[file.path] = FileDigest.sha256(Array(marked.utf8))
    }
    try lock.write(to: draft)
    let place = "\(folder)/\(TaskFile.Upstream.folder)"
    try DurableFolder.publish(draft, as: place, replaces: true)
  }

  @discardableResult
  private func git(_ arguments: [String], _ what: String) async throws(TaskError) -> [String] {
    let outcome: ChildProcess.Outcome
    do {
      outcome = try await ChildProcess.run([program] + arguments, environment: variables)
    } catch is CancellationError {
      throw TaskError(.cancelled, "the preparation of '\(reference)' was cancelled; run it again")
    } catch {
      throw TaskError(
        .missingProgram, "cannot start '\(program)'; install it with 'apt-get install git'", cause: error)
    }
    guard outcome.status == 0 else {
      throw TaskError(
        .upstreamFailed,
        "cannot \(what) (exit status \(outcome.status)); check the network, and that the commit is still there\n"
          + outcome.tail.joined(separator: "\n"))
    }
    return outcome.tail
  }
}
