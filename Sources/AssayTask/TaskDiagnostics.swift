import AssayProcess

/// The check behind `assay task check DIR`.
public enum TaskDiagnostics {
  /// Every mistake in a task folder, by file and line; empty, or warnings only, for a usable task.
  ///
  /// Without a profile's name, each profile is checked, and a mistake that several have is listed once.
  ///
  /// Throws `unreadable` where there is no folder to check, or `unknown_profile`. Blocks on the disk.
  public static func check(_ text: String) throws(TaskError) -> [TaskDiagnostic] {
    let reference = TaskReference(text)
    let names = if let one = reference.profile { [one] } else { try profiles(reference.directory) }
    if names.isEmpty { return try TaskReader(reference).diagnostics }
    var found: [TaskDiagnostic] = []
    for name in names {
      let one = TaskReference(directory: reference.directory, profile: name)
      found += try TaskReader(one).diagnostics.filter { !found.contains($0) }
    }
    return found
  }

  /// The names of a task's profiles, in the author's order; empty for a task without any.
  public static func profiles(_ directory: String) throws(TaskError) -> [String] {
    let folder = try TaskFolder(directory)
    guard let bytes = folder.bytes(TaskReader.taskFile, limit: YAMLDocument.maximumBytes + 1) else {
      return []
    }
    return YAMLDocument(file: TaskReader.taskFile, bytes: bytes).root.map(TaskReader.profiles(of:)) ?? []
  }

  /// What Python says of the syntax of the folder's programs; none of them is run.
  ///
  /// Throws `unreadable` where there is no folder, `missingProgram` without an interpreter, `cancelled`.
  public static func checkPrograms(
    _ text: String, python: String = TaskPreparation.systemPython
  ) async throws(TaskError) -> [TaskDiagnostic] {
    let folder = try TaskFolder(TaskReference(text).directory)
    let programs = folder.sizes.keys.filter { $0.hasSuffix(".py") }.sorted()
    if programs.isEmpty { return [] }
    let outcome: ChildProcess.Outcome
    do {
      outcome = try await ChildProcess.run(
        [python, "-I", "-W", "ignore", "-c", compiler, folder.directory] + programs,
        environment: ["PYTHONDONTWRITEBYTECODE": "1"])
    } catch is CancellationError {
      throw TaskError(.cancelled, "the check was cancelled; run it again")
    } catch {
      throw TaskError(
        .missingProgram, "cannot start '\(python)'; install it with 'apt-get install python3'", cause: error)
    }
    return outcome.tail.compactMap { line in
      let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, programs.contains(parts[0]) else { return nil }
      return TaskDiagnostic(
        file: parts[0], line: Int(parts[1]), message: "Python cannot read it: \(parts[2])",
        remedy: "correct the syntax there")
    }
  }

  /// Prints file, line and problem of every program that does not compile.
  private static let compiler = #"""
    import os, sys
    for name in sys.argv[2:]:
        try:
            with open(os.path.join(sys.argv[1], name), "rb") as file:
                compile(file.read(), name, "exec", dont_inherit=True)
        except SyntaxError as error:
            print(name, error.lineno or 1, error.msg, sep="\t")
        except (ValueError, MemoryError, RecursionError) as error:
            print(name, 1, error, sep="\t")
    """#
}
