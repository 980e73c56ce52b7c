import AssayTask
import Foundation

/// Prepares a task ahead of its runs.
public enum TaskWarmUp {
  public static func prepare(_ name: String, into cache: URL, printer: RunPrinter) async throws {
    let task = try TaskLoading.load(try TaskLocator.standard().locate(name))
    let prepared = try await TaskLoading.prepare(task, into: cache, say: printer.say)
    printer.say("\(task.name) is prepared. A runner of its jobs takes:")
    for mount in prepared.mounts(of: task.name) { printer.say("mount \(mount)") }
  }
}
