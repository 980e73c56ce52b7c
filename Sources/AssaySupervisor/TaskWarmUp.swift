import AssayTask
import Foundation

/// Prepares a task ahead of its runs.
public enum TaskWarmUp {
  /// - Parameter publish: where a copy of what runners mount goes; nil for none.
  public static func prepare(
    _ name: String, into cache: URL, publish: URL? = nil, printer: RunPrinter
  ) async throws {
    let folder = try TaskLocator.standard().locate(name)
    try await TaskLoading.fetch(folder, say: printer.say)
    let task = try TaskLoading.load(folder)
    let prepared = try await TaskLoading.prepare(task, into: cache, say: printer.say)
    if let publish { return try self.publish(prepared, of: task.name, in: publish, printer: printer) }
    printer.say("\(task.name) is prepared. A runner of its jobs takes:")
    for mount in prepared.mounts(of: task.name) { printer.say("mount \(mount)") }
  }

  /// Copies the public parts; each appears complete, in place of what was there.
  private static func publish(
    _ prepared: PreparedTask, of task: String, in folder: URL, printer: RunPrinter
  ) throws {
    let files = FileManager.default
    let target = folder.appending(path: task)
    // Jobs may be using what is there: it is replaced only by something else.
    let stamp = Data("\(prepared.dataDigest) \(prepared.environment ?? "")\n".utf8)
    let stampFile = target.appending(path: ".published")
    if files.contents(atPath: stampFile.path) == stamp {
      return printer.say("\(task) is prepared and published")
    }
    let parts = [("data", prepared.train)] + (prepared.environment.map { [("env", $0)] } ?? [])
    do {
      try files.createDirectory(
        at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
      for (name, source) in parts {
        let draft = target.appending(path: ".\(name).new")
        try? files.removeItem(at: draft)
        try files.copyItem(at: URL(filePath: source), to: draft)
        try DurableFolder.publish(draft.path, as: target.appending(path: name).path, replaces: true)
      }
      try stamp.write(to: stampFile, options: .atomic)
    } catch {
      throw SupervisorError(
        .unavailable,
        "cannot publish \(task) in \(folder.path): \((error as? TaskError)?.message ?? error.localizedDescription)"
      )
    }
    printer.say("\(task) is prepared, and what its runners mount is in \(target.path)")
  }
}
