/// Waits for something that may not come in time.
enum Waiting {
  /// The value of `body`, or nil when it did not come within `limit`. A value that came in the last moment is not lost.
  static func first<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () async throws -> Value?
  ) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        do { return try await body() } catch is CancellationError { return nil }
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return nil
      }
      var found: Value?
      while let value = try await group.next() {
        if found == nil { found = value }
        group.cancelAll()
      }
      try Task.checkCancellation()
      return found
    }
  }
}
