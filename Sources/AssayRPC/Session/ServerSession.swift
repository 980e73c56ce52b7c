import Synchronization

/// A session as the server keeps it.
final class ServerSession: Sendable {
  let id: [UInt8]
  let peer: Peer
  let keys: SessionKeys
  let expiry: ContinuousClock.Instant
  private let window = Mutex(ReplayWindow())

  init(id: [UInt8], peer: Peer, keys: SessionKeys, expiry: ContinuousClock.Instant) {
    self.id = id
    self.peer = peer
    self.keys = keys
    self.expiry = expiry
  }

  func accept(_ counter: UInt64) -> Bool { window.withLock { $0.accept(counter) } }
}
