import Synchronization

/// A session as the client keeps it.
final class ClientSession: Sendable {
  let id: [UInt8]
  let keys: SessionKeys
  let expiry: ContinuousClock.Instant
  private let counter = Atomic<UInt64>(0)

  init(id: [UInt8], keys: SessionKeys, expiry: ContinuousClock.Instant) {
    self.id = id
    self.keys = keys
    self.expiry = expiry
  }

  func nextCounter() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }
}
