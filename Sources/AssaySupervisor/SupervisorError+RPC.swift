public import AssayRPC

extension SupervisorError {
  /// What a person should read of a failed call.
  public init(_ error: RPCError) {
    let code: Code =
      switch error.code {
      case .invalidArgument, .notFound, .alreadyExists, .outOfRange: .usage
      case .failedPrecondition, .aborted: .stateConflict
      default: .unavailable
      }
    self.init(code, error.message)
  }
}
