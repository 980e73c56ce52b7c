public import AssayGPU
public import AssaySandbox
import Foundation
public import Logging
import Synchronization

/// What is known of the GPUs that a scheduler gives: how many it has of each kind, it is asked; what they are, a step sees that was given
/// one. So what is offered is what jobs will find.
public final class GPUKinds: Sendable {
  /// How many GPUs there are of a kind.
  public struct Count: Sendable, Hashable {
    public var perNode, total: Int

    public init(perNode: Int, total: Int) {
      self.perNode = perNode
      self.total = total
    }
  }

  private struct Known {
    var count: Count
    var sample: GPUDevice?
    /// Why there is none.
    var reason: String?
    var isLooking = false
  }

  /// Between looks at the scheduler, and between looks at a kind that could not be seen.
  private static let pause = Duration.seconds(60)

  private let known = Mutex<[String: Known]>([:])
  /// Whether the scheduler was asked, with or without success.
  private let isAsked = Mutex(false)
  private let logger: Logger

  public init(logger: Logger) { self.logger = logger }

  public var list: [ScheduledGPUs] {
    known.withLock { known in
      known.sorted { $0.key < $1.key }.prefix(64).map { name, kind in
        ScheduledGPUs(
          name: name, perNode: kind.count.perNode, total: kind.count.total, sample: kind.sample,
          outOfService: kind.sample == nil ? kind.reason : nil)
      }
    }
  }

  /// Whether the scheduler was not asked yet, or has a kind of which none was seen.
  public var isFinding: Bool {
    !isAsked.withLock { $0 } || known.withLock { known in known.values.contains { $0.sample == nil } }
  }

  /// Looks until cancelled.
  ///
  /// - Parameters:
  ///   - counts: asks the scheduler for all kinds, by its names.
  ///   - probe: takes one GPU of a kind for a moment, and looks at it there.
  public func find(
    counts: @escaping @Sendable () async throws(SandboxError) -> [String: Count],
    probe: @escaping @Sendable (String) async throws(SandboxError) -> GPUDevice
  ) async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        do throws(SandboxError) {
          for name in note(try await counts()) {
            // One that waits for its turn keeps no other from being seen.
            group.addTask { await self.look(at: name, probe) }
          }
        } catch {
          if !Task.isCancelled { logger.warning("GPUs: \(error)") }
        }
        isAsked.withLock { $0 = true }
        guard (try? await Task.sleep(for: Self.pause)) != nil else { break }
      }
      group.cancelAll()
    }
  }

  /// - Returns: kinds to be looked at now.
  func note(_ counts: [String: Count]) -> [String] {
    known.withLock { known in
      known = known.filter { counts[$0.key] != nil || $0.value.isLooking }
      var unseen: [String] = []
      for (name, count) in counts {
        known[name, default: Known(count: count)].count = count
        guard let kind = known[name], kind.sample == nil, !kind.isLooking else { continue }
        known[name]?.isLooking = true
        unseen.append(name)
      }
      return unseen.sorted()
    }
  }

  private func look(at name: String, _ probe: (String) async throws(SandboxError) -> GPUDevice) async {
    let seen: Result<GPUDevice, SandboxError>
    do throws(SandboxError) { seen = .success(try await probe(name)) } catch { seen = .failure(error) }
    note(seen, of: name)
  }

  func note(_ seen: Result<GPUDevice, SandboxError>, of name: String) {
    known.withLock { known in
      known[name]?.isLooking = false
      switch seen {
      case .success(let device): known[name]?.sample = device
      case .failure(let error): known[name]?.reason = error.message
      }
    }
    switch seen {
    case .success(let device):
      logger.info("GPUs: \(name) is \(device.model), \(device.memoryBytes >> 20) MiB")
    case .failure(let error):
      if !Task.isCancelled { logger.warning("GPUs: \(name) is offered to no job: \(error)") }
    }
  }
}
