public import Logging
import Synchronization

/// Nodes of a cluster by their GPUs. Steps are kept for a while from those where one found its GPUs not in order: a scheduler would choose
/// the same again, since it is free.
public final class GPUNodes: Sendable {
  private struct State {
    /// By kind of GPU: how many each node has.
    var kinds: [String: [String: Int]] = [:]
    var avoided: [String: ContinuousClock.Instant] = [:]
  }

  /// How long a node is avoided.
  private static let pause = Duration.seconds(600)

  private let state = Mutex(State())
  private let logger: Logger

  public init(logger: Logger) { self.logger = logger }

  /// All nodes that there are.
  public func note(_ kinds: [String: [String: Int]]) { state.withLock { $0.kinds = kinds } }

  /// A node that had so many GPUs of a kind for a step.
  public func note(_ node: String, had count: Int, of kind: String) {
    guard Self.isName(node) else { return }
    state.withLock { state in
      // A cluster has so many nodes at most.
      guard state.kinds[kind, default: [:]].count < 5000 else { return }
      state.kinds[kind, default: [:]][node] = max(count, state.kinds[kind]?[node] ?? 0)
    }
  }

  public func avoid(_ node: String, because reason: String, now: ContinuousClock.Instant = .now) {
    guard Self.isName(node) else { return }
    logger.warning("jobs with GPUs are kept from node \(node) for ten minutes: \(reason)")
    state.withLock { $0.avoided[node] = now + Self.pause }
  }

  /// Nodes that are not to be given a step now, and until when each. None where only such nodes are known to have enough of a kind: one of
  /// them may be in order again.
  public func avoided(for kind: String, count: Int, now: ContinuousClock.Instant = .now)
    -> [String: ContinuousClock.Instant]
  {
    state.withLock { state in
      state.avoided = state.avoided.filter { $0.value > now }
      let able = (state.kinds[kind] ?? [:]).filter { $0.value >= count }.keys
      guard able.contains(where: { state.avoided[$0] == nil }) else { return [:] }
      return state.avoided
    }
  }

  private static func isName(_ node: String) -> Bool {
    node.wholeMatch(of: /[A-Za-z0-9._-]{1,255}/) != nil
  }
}
