import CNNG

/// Keeps a server reachable: nng 1.5.2 stops accepting, for good and without a word, when a connection breaks while it is
/// being greeted. Every few seconds a connection of our own must get through; when it does not, the listener is made anew.
/// Callers lose their connections then, and call again.
struct ListenerWatch: Sendable {
  static let interval: Duration = .seconds(2)
  /// Long, as a busy host is no reason to cut everybody off.
  static let patience: Duration = .seconds(5)

  let socket: Socket
  let pipes: PipeCount

  /// Watches until the task is cancelled.
  func run(_ current: CurrentListener) async {
    let address = current.listener.address
    guard address.hasPrefix("ipc://") || address.hasPrefix("tcp://") else { return }
    while (try? await Task.sleep(for: Self.interval)) != nil {
      guard await !accepts(at: address), !Task.isCancelled else { continue }
      current.listener.close()
      // A port may take a moment to be free.
      while !Task.isCancelled {
        do throws(NNGError) {
          current.replace(try Listener(socket, address))
          break
        } catch {
          try? await Task.sleep(for: .milliseconds(100))
        }
      }
    }
  }

  private func accepts(at address: String) async -> Bool {
    let before = pipes.value
    guard let probe = try? Socket(nng_req0_open) else { return true }
    defer { withExtendedLifetime(probe) {} }
    nng_dial(probe.raw, address.replacing("//*:", with: "//127.0.0.1:"), nil, Int32(NNG_FLAG_NONBLOCK))
    let end = ContinuousClock.now + Self.patience
    while pipes.value == before {
      guard ContinuousClock.now < end else { return false }
      guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return true }
    }
    return true
  }
}
