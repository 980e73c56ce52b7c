import AssayPatch
import AssayProcess

/// A checked task: everything that the services need of its folder, as a value.
public struct ResearchTask: Sendable {
  /// A note file for agents.
  public struct Note: Sendable, Hashable {
    /// Relative to the task folder.
    public var path: String
    public var text: String
  }

  /// The absolute path of the task folder.
  public let directory: String
  /// Nil for a task without profiles.
  public let profile: String?
  public let file: TaskFile
  /// The recipe as its author wrote it; paths are relative to `recipe/`.
  public let baseline: RecipeTree
  /// The frozen harness; paths are relative to `harness/`.
  public let harness: RecipeTree
  public let knowledge: [Note]
  /// Identifies the task: SHA-256 over all its files in the form of ``SnapshotDigest``, without hidden files
  /// and Python's caches. Prepared data are not among them, the program that makes them is.
  public let digest: String
  /// The same, with the task file's rules left out: two versions of a task that differ in their rules alone have one.
  public let frameDigest: String
  /// SHA-256 over the files of `data/`: what decides the prepared data.
  public let dataDigest: String
  /// The pinned packages, `name==version`; empty where the system's Python is enough.
  public let packages: [String]
  /// SHA-256 of the requirements file; nil without packages.
  public let requirementsDigest: String?
  /// Mistakes that do not keep the task from being used.
  public let warnings: [TaskDiagnostic]

  public var name: String { file.name }
  public var metric: TaskFile.Metric { file.metric }
  public var partitions: [TaskFile.Partition] { file.partitions }

  /// What ``load(directory:)`` reads this task from again.
  public var reference: TaskReference { TaskReference(directory: directory, profile: profile) }

  /// Reads and checks a task folder on a thread of its own.
  public static func read(directory: String) async throws -> ResearchTask {
    try await Blocking.run { try load(directory: directory) }
  }

  /// Reads and checks a task folder, or one profile of it, `FOLDER@PROFILE`. Blocks on the disk.
  ///
  /// Throws `invalid` with every mistake, `unreadable`, `unknown_profile`, or `not_prepared` where upstream's files have to be fetched.
  public static func load(directory: String) throws(TaskError) -> ResearchTask {
    let reader = try TaskReader(TaskReference(directory))
    let errors = reader.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let file = reader.file else {
      throw TaskError(
        .invalid,
        "the task at '\(directory)' has \(errors.count) mistake\(errors.count == 1 ? "" : "s"); correct them, "
          + "'assay task check \(directory)' lists them", diagnostics: reader.diagnostics)
    }
    if reader.isUpstreamMissing, let upstream = file.upstream {
      throw TaskError(
        .notPrepared,
        "the task at '\(directory)' is made of files of \(upstream.url), which are not here; "
          + "run 'assay task prepare \(directory)' first")
    }
    let folder = reader.folder
    let files = folder.sizes.keys.filter {
      !$0.hasPrefix(TaskFile.Upstream.folder + "/")
        || reader.recipeFolders.contains(TaskFile.Upstream.folder)
    }
    var digest = try folder.digest(files)
    if let profile = reader.reference.profile {
      digest = FileDigest.sha256(Array("profile \(profile)\n\(digest)\n".utf8))
    }
    var requirementsDigest: String?
    if let path = file.environment.requirements, let bytes = folder.bytes(path) {
      requirementsDigest = FileDigest.sha256(bytes)
    }
    let others = try folder.digest(files.filter { $0 != TaskReader.taskFile })
    return ResearchTask(
      directory: folder.directory, profile: reader.reference.profile, file: file, baseline: reader.baseline,
      harness: reader.harness, knowledge: reader.notes, digest: digest,
      frameDigest: FileDigest.sha256(Array(others.utf8) + reader.frame),
      dataDigest: try folder.digest(folder.sizes.keys.filter { $0.hasPrefix("data/") }),
      packages: reader.packages, requirementsDigest: requirementsDigest, warnings: reader.diagnostics)
  }
}
