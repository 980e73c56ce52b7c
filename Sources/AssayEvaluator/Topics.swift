import Synchronization

/// Signals by topic: whoever waits for one thing is not woken by another.
final class Topics<Topic: Hashable & Sendable>: Sendable {
  private struct Entry {
    let signal = Signal()
    var followers = 0
  }
  private let entries = Mutex<[Topic: Entry]>([:])

  /// Topics that somebody follows.
  var count: Int { entries.withLock { $0.count } }

  /// Runs `body` with the signal of a topic, which is raised with every `raise` of it from now on.
  func follow<Value>(_ topic: Topic, _ body: (Signal) async throws -> Value) async rethrows -> Value {
    let signal = entries.withLock { entries in
      entries[topic, default: Entry()].followers += 1
      return entries[topic]?.signal ?? Signal()
    }
    defer {
      entries.withLock { entries in
        entries[topic]?.followers -= 1
        if entries[topic]?.followers == 0 { entries[topic] = nil }
      }
    }
    return try await body(signal)
  }

  func raise(_ topic: Topic) { entries.withLock { $0[topic]?.signal }?.raise() }
}
