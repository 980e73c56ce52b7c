import AssaySteps
import Synchronization

/// Nodes that steps with GPUs are kept from for a while, since a step found its GPUs not in order there: Slurm would choose the same again.
final class SlurmNodes: Sendable {
  private struct State {
    var gpus = SlurmGPUs(lines: [], partition: nil)
    var avoided: [String: ContinuousClock.Instant] = [:]
  }

  private static let memory = Duration.seconds(600)

  private let state = Mutex(State())

  func note(_ gpus: SlurmGPUs) { state.withLock { $0.gpus = gpus } }

  func avoid(_ node: String, now: ContinuousClock.Instant = .now) {
    guard node.wholeMatch(of: /[A-Za-z0-9._-]{1,255}/) != nil else { return }
    state.withLock { $0.avoided[node] = now + Self.memory }
  }

  /// None where only such nodes have enough of a kind: one of them may be in order again.
  func avoided(for kind: String, count: Int, now: ContinuousClock.Instant = .now) -> [String] {
    state.withLock { state in
      state.avoided = state.avoided.filter { $0.value > now }
      let able = (state.gpus.kinds[kind] ?? [:]).filter { $0.value >= count }.keys
      guard able.contains(where: { state.avoided[$0] == nil }) else { return [] }
      return state.avoided.keys.sorted()
    }
  }
}
