import AssayImport
import AssaySupervisor
import AssayTrajectory
import Logging

extension RunLocation {
  /// The run as the page asks for it.
  ///
  /// - Parameter ledger: when its evaluator is started to ask what model requests cost.
  func shown(logger: Logger, ledger: RunMirror.LedgerUse = .finishedRuns) throws -> any ShownRun {
    switch self {
    case .live(let directory): RunMirror(try RecordAccess(directory), logger: logger, ledger: ledger)
    case .imported(let run): ImportedMirror(run, run.metadata)
    }
  }
}
