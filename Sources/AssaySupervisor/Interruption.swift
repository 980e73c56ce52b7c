import UnixSignals

/// Work that a person may stop with Ctrl-C.
public enum Interruption {
  /// Runs `body`, which SIGINT and SIGTERM cancel.
  ///
  /// - Returns: nil when a signal came first and `body` gave up.
  public static func allowing<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
      group.addTask {
        for await _ in signals { return nil }
        try Task.checkCancellation()
        return nil
      }
      group.addTask { try await body() }
      let first = try await group.next() ?? nil
      group.cancelAll()
      if let first { return first }
      // What was finished in the last moment is finished.
      while let ended = await group.nextResult() {
        switch ended {
        case .success(let value?): return value
        case .success(nil): continue
        case .failure(let error) where error is CancellationError: return nil
        case .failure(let error): throw error
        }
      }
      return nil
    }
  }
}
