import AssayImport
import AssaySupervisor
import AssayTrajectory
import Logging

extension RunLocation {
  /// The run as the page asks for it.
  func shown(logger: Logger) throws -> any ShownRun {
    switch self {
    case .live(let directory): RunMirror(try RecordAccess(directory), logger: logger)
    case .imported(let run): ImportedMirror(run, run.metadata)
    }
  }
}
