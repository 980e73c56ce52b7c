/// The check behind `assay task check DIR`.
public enum TaskDiagnostics {
  /// Every mistake in a task folder, by file and line; empty, or warnings only, for a usable task.
  ///
  /// Throws `unreadable` where there is no folder to check. Blocks on the disk.
  public static func check(_ directory: String) throws(TaskError) -> [TaskDiagnostic] {
    try TaskReader(directory).diagnostics
  }
}
