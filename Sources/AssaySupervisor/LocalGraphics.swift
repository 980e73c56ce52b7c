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

  /// What to say where the jobs of a task wait for a host that is not this machine; nil where they do not.
  static func notice(_ needed: TaskFile.GPUs?, of task: String, present: Int) -> String? {
    guard let needed, present < needed.count else { return nil }
    return
      "task \(task) needs \(needed.count) GPU\(needed.count == 1 ? "" : "s") on one host, and this machine has "
      + "\(present): its jobs wait for a runner that offers them (assay runners). Ctrl-C, and its smoke profile runs here."
  }
}
