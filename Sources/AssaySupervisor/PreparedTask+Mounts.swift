import AssayTask

extension PreparedTask {
  /// What a runner mounts for the task's jobs, as its option `--mount` takes it.
  func mounts(of task: String) -> [String] {
    ["\(task)/data=\(train)"] + (environment.map { ["\(task)/env=\($0)"] } ?? [])
  }
}
