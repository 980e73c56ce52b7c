public import AssayImport
public import AssayTrajectory
public import Foundation

/// A run that a command names: one of this program's own, or an imported one.
public enum RunLocation: Sendable {
  case live(StateDirectory)
  case imported(ImportedRun)

  /// Finds a run.
  ///
  /// - Parameter name: a folder, or the name of one below `./.assay`; nil for the newest run of this program's own.
  public static func find(_ name: String?) throws -> RunLocation {
    let folder = try name.map(folder(named:)) ?? StateLocator.existing(named: nil)
    guard ImportedRun.exists(in: folder) else { return .live(try StateDirectory.existing(at: folder)) }
    do {
      return .imported(try ImportedRun(folder: folder))
    } catch let error as ImportError {
      throw SupervisorError(error)
    }
  }

  /// The folder that a name means: itself, or one below `./.assay`.
  public static func folder(named name: String) -> URL {
    let direct = URL(filePath: name).standardizedFileURL
    if name.contains("/") || FileManager.default.fileExists(atPath: direct.appending(path: "version").path)
      || ImportedRun.exists(in: direct)
    {
      return direct
    }
    return StateLocator.home.appending(path: name)
  }

  /// Reads the run, live or imported, by the same means.
  public func withRecord<Result: Sendable>(
    _ body: @escaping @Sendable (any RunRecord) async throws -> Result
  ) async throws -> Result {
    switch self {
    case .imported(let run): try await body(run)
    case .live(let directory):
      try await RunReader.with(directory) { try await body(LiveRunRecord(reader: $0)) }
    }
  }
}

extension SupervisorError {
  /// What a person should read of a failed import.
  public init(_ error: ImportError) {
    let code: Code =
      switch error.code {
      case .notFound, .malformed: .usage
      case .nameTaken, .sourceChanged: .stateConflict
      default: .unavailable
      }
    self.init(code, error.message)
  }
}
