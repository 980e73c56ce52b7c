public import AssayExport

extension SupervisorError {
  /// What a person should read of a failed export.
  public init(_ error: ExportError) {
    let code: Code =
      switch error.code {
      case .placeTaken: .usage
      case .nothingToExport: .negative
      default: .unavailable
      }
    self.init(code, error.message)
  }
}
