import AssayTask
import Foundation

/// The GPUs of this machine, as far as a run has to know of them before it begins.
enum LocalGraphics {
  /// Device nodes of the vendor's driver: `nvidia0`, `nvidia1`, ...
  static func count(in folder: String = "/dev") -> Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.wholeMatch(of: /nvidia[0-9]+/) != nil
    }.count
  }

  /// Refuses a task whose jobs could not be given what they need, before a recipe is charged for it.
  static func check(_ needed: TaskFile.GPUs?, of task: String, present: Int) throws(SupervisorError) {
    guard let needed else { return }
    let wants = "\(needed.count) GPU\(needed.count == 1 ? "" : "s")"
    guard present >= needed.count else {
      throw SupervisorError(
        .unavailable,
        "task \(task) needs \(wants) on one host, and this machine has \(present). Run its smoke profile here, "
          + "or the task on a host that has them.")
    }
    throw SupervisorError(
      .unavailable,
      "task \(task) needs \(wants), and the sandbox of this version gives jobs no GPU: docs/paper-tasks.md says "
        + "what is there and what is not. Run its smoke profile.")
  }
}
