/// One piece of upkeep at a time: a copy is not made while things are removed.
actor Upkeep {
  private var busy = false
  private let ended = Signal()

  /// Runs `body` when no other upkeep runs.
  func alone<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    while busy {
      let seen = ended.generation
      if busy { try await ended.wait(past: seen) }
    }
    busy = true
    defer {
      busy = false
      ended.raise()
    }
    return try await body()
  }
}
