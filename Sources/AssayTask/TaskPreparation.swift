import AssayProcess
import Foundation

/// Builds a task's Python environment and data once, in a cache that tasks and runs share.
///
/// Each is made in a folder of its own beside its place and moved there when complete, so that a crash leaves
/// nothing half-made; two processes that prepare the same task at once both succeed.
public struct TaskPreparation: Sendable {
  /// The interpreter of tasks without packages, and the one that makes environments.
  public static let systemPython = "/usr/bin/python3"

  /// What a preparation tells while it works.
  public enum Progress: Sendable, Hashable {
    case buildingEnvironment(packages: Int)
    case environmentReady(reused: Bool)
    case preparingData
    case dataReady(files: Int, bytes: Int, reused: Bool)
    /// A line that pip or the preparation program printed.
    case output(String)
  }

  public let task: ResearchTask
  /// The cache's folder; made where it is missing.
  public let cache: String
  private let python: String
  private let variables: [String: String]
  private let limit: Duration

  /// - Parameters:
  ///   - variables: what the programs see of the environment; by default that of this process.
  ///   - limit: how long each of the programs may take.
  public init(
    task: ResearchTask, cache: String, python: String = systemPython,
    variables: [String: String] = ProcessInfo.processInfo.environment, limit: Duration = .seconds(3600)
  ) {
    self.limit = limit
    self.task = task
    self.cache = URL(fileURLWithPath: cache).standardizedFileURL.path
    self.python = python
    var variables = variables
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    variables["PYTHONHOME"] = nil
    variables["PYTHONPATH"] = nil
    variables["VIRTUAL_ENV"] = nil
    self.variables = variables
  }

  /// Makes what is missing and verifies what is there. Cancelling stops the programs it started.
  public func prepare(
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws(TaskError) -> PreparedTask {
    do {
      let environment = try await prepareEnvironment(progress)
      let data = try await prepareData(environment.map { $0 + "/bin/python" } ?? python, progress)
      return PreparedTask(
        environment: environment, train: data + "/train", heldout: data + "/heldout",
        sealed: data + "/sealed",
        dataDigest: try FileDigest.sha256(data + "/" + DataManifest.fileName).hex)
    } catch let error as TaskError {
      throw error
    } catch is CancellationError {
      throw TaskError(.cancelled, "the preparation of task '\(task.name)' was cancelled; run it again")
    } catch {
      throw TaskError(
        .unwritable, "cannot prepare task '\(task.name)' in '\(cache)'; check its permissions and free space",
        cause: error)
    }
  }

  // MARK: Environment

  private static let marker = ".complete"

  private func prepareEnvironment(_ progress: @escaping @Sendable (Progress) -> Void) async throws -> String?
  {
    guard let path = task.file.environment.requirements, let digest = task.requirementsDigest else {
      return nil
    }
    let version =
      try await run(
        [python, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], .environmentFailed,
        "find the version"
      ) { _ in }.last ?? ""
    let key = FileDigest.sha256(Array("1 \(version) \(digest)".utf8)).prefix(32)
    let place = "\(cache)/environments/\(key)"
    if FileManager.default.fileExists(atPath: place + "/" + Self.marker) {
      progress(.environmentReady(reused: true))
      return place
    }
    // Only a complete environment is moved here; without its marker it is none of ours.
    try await Blocking.run {
      if FileManager.default.fileExists(atPath: place) {
        try FileManager.default.removeItem(atPath: place)
      }
    }
    progress(.buildingEnvironment(packages: task.packages.count))
    let report: @Sendable (String) -> Void = { progress(.output($0)) }
    try await build(place) { partial in
      try await run(
        [python, "-m", "venv", partial], .environmentFailed, "make a Python environment", report)
      try await run(
        [
          partial + "/bin/python", "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
          "--no-warn-script-location", "--require-hashes", "-r", task.directory + "/" + path,
        ], .environmentFailed, "install the packages of \(path)", report)
      try await Blocking.run {
        try Permissions.readable(partial)
        try Data().write(to: URL(fileURLWithPath: partial + "/" + Self.marker))
      }
    }
    progress(.environmentReady(reused: false))
    return place
  }

  // MARK: Data

  private func prepareData(
    _ interpreter: String, _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> String {
    let key = FileDigest.sha256(
      Array("1 \(task.name) \(task.dataDigest) \(task.requirementsDigest ?? "")".utf8)
    ).prefix(32)
    let place = "\(cache)/data/\(key)"
    if FileManager.default.fileExists(atPath: place) {
      let manifest = try await Blocking.run {
        let manifest = try DataManifest.verify(place)
        try Self.protect(place)
        return manifest
      }
      progress(.dataReady(files: manifest.files.count, bytes: manifest.byteCount, reused: true))
      return place
    }
    progress(.preparingData)
    try await build(place) { partial in
      try await run(
        [interpreter, task.directory + "/data/prepare.py", "--out", partial]
          + (task.profile.map { ["--profile", $0] } ?? []), .dataFailed, "make the data"
      ) { progress(.output($0)) }
      let name = task.name
      try await Blocking.run {
        for split in DataManifest.splits {
          let found = try? FileManager.default.attributesOfItem(atPath: partial + "/" + split)[.type]
          guard found as? FileAttributeType == .typeDirectory else {
            throw TaskError(
              .dataFailed,
              "data/prepare.py of task '\(name)' made no folder '\(split)'; let it write DIR/\(split)")
          }
        }
        let manifest = try DataManifest.take(of: partial)
        for split in DataManifest.splits
        where !manifest.files.contains(where: { $0.path.hasPrefix(split + "/") }) {
          throw TaskError(
            .dataFailed,
            "data/prepare.py of task '\(name)' left the folder '\(split)' empty; let it write files there")
        }
        try manifest.write(to: partial)
        try Self.protect(partial)
      }
    }
    let manifest = try await Blocking.run { try DataManifest.verify(place) }
    progress(.dataReady(files: manifest.files.count, bytes: manifest.byteCount, reused: false))
    return place
  }

  /// The training split for everybody, the other two for the owner alone.
  private static func protect(_ data: String) throws {
    try Permissions.set(data + "/train", folders: 0o755, files: 0o644)
    try Permissions.set(data + "/heldout", folders: 0o700, files: 0o600)
    try Permissions.set(data + "/sealed", folders: 0o700, files: 0o600)
    try Permissions.set(one: data + "/" + DataManifest.fileName, 0o600)
    try Permissions.set(one: data, 0o755)
  }

  // MARK: Building

  /// Fills a folder and moves it to its place; takes what another process put there meanwhile instead.
  private func build(_ place: String, _ fill: (String) async throws -> Void) async throws {
    let parent = URL(fileURLWithPath: place).deletingLastPathComponent().path
    let partial = "\(parent)/\(Self.partialPrefix)\(UUID().uuidString)"
    do {
      try await Blocking.run {
        try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        Self.removeAbandoned(in: parent)
      }
    } catch {
      throw TaskError(
        .unwritable, "cannot write to '\(parent)'; check its permissions and free space", cause: error)
    }
    do {
      try await fill(partial)
      try await Blocking.run {
        do { try DurableFolder.publish(partial, as: place) } catch {
          // Another process was faster.
          guard FileManager.default.fileExists(atPath: place) else { throw error }
          try? FileManager.default.removeItem(atPath: partial)
        }
      }
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }

  /// Removes what processes that were killed while they built left behind, a day later.
  private static func removeAbandoned(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.hasPrefix(partialPrefix) {
      let path = parent + "/" + name
      let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
      if let date, date.timeIntervalSinceNow < -86_400 { try? FileManager.default.removeItem(atPath: path) }
    }
  }

  private static let partialPrefix = ".partial-"

  @discardableResult
  private func run(
    _ arguments: [String], _ code: TaskError.Code, _ what: String,
    _ onLine: @escaping @Sendable (String) -> Void
  ) async throws -> [String] {
    let outcome: ChildProcess.Outcome
    do {
      outcome = try await withThrowingTaskGroup(of: ChildProcess.Outcome?.self) { group in
        group.addTask { try await ChildProcess.run(arguments, environment: variables, onLine: onLine) }
        group.addTask { [limit] in
          try await Task.sleep(for: limit)
          return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() ?? nil else {
          throw TaskError(
            code,
            "to \(what) of task '\(task.name)' took more than \(limit.formatted()), and was stopped; see what it waits for, the network for example, and try again"
          )
        }
        return first
      }
    } catch let failure as ChildProcess.StartFailure {
      throw TaskError(
        .missingProgram,
        "cannot start '\(arguments.first ?? "")': \(failure.text); install it with 'apt-get install python3'",
        cause: failure)
    }
    guard outcome.status != 0 else { return outcome.tail }
    let text = outcome.tail.joined(separator: "\n")
    if text.contains("ensurepip is not") || text.contains("No module named venv")
      || text.contains("No module named ensurepip")
    {
      throw TaskError(
        .missingProgram,
        "Python cannot make environments; install it with 'apt-get install python3-venv'\n\(text)")
    }
    let remedy =
      text.contains("No space left")
      ? "the disk is full: free some space below '\(cache)'"
      : code == .dataFailed
        ? "correct data/prepare.py, or what it needs"
        : text.contains("DO NOT MATCH THE HASHES") || text.contains("--require-hashes")
          ? "a package is not the pinned one: correct the hashes, and list every dependency too"
          : "check the network and the requirements file"
    throw TaskError(
      code, "cannot \(what) of task '\(task.name)' (exit status \(outcome.status)); \(remedy)\n\(text)")
  }
}
