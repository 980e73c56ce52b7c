/// The tools of a specialist. The raw values are what models and MCP clients call them.
public enum ToolName: String, Sendable, Hashable, CaseIterable {
  case listFiles = "list_files"
  case readFile = "read_file"
  case search
  case editFile = "edit_file"
  case diff
  case checkSyntax = "check_syntax"
  case project
  case smokeRun = "smoke_run"
  case listTrials = "list_trials"
  case showTrial = "show_trial"
  case readSnapshot = "read_snapshot"
  case rebase
  case recombine
  case submit

  /// Whether it needs the lineage, which a run without one does not have.
  var needsLineage: Bool {
    switch self {
    case .listTrials, .showTrial, .readSnapshot, .recombine: true
    default: false
    }
  }
}
