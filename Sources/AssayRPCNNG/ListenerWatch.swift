import AssayRPC
import CNNG

/// Keeps a server reachable: nng 1.5.2 stops accepting, for good and without a word, when a connection breaks while it is
/// being greeted. Every few seconds a connection of our own must get through; when it does not, the listener is made anew.
/// Callers lose their connections then, and call again.
struct ListenerWatch: Sendable {
  static let interval: Duration = .seconds(2)
  /// Long, as a busy host is no reason to cut everybody off.
  static let patience: Duration = .seconds(5)

  let socket: Socket

  /// Watches until the task is cancelled.
  func run(_ current: CurrentListener) async {
    guard !current.address.hasPrefix("inproc://") else { return }
    while (try? await Task.sleep(for: Self.interval)) != nil {
      guard await !accepts(current), !Task.isCancelled else { continue }
      // A port may take a moment to be free.
      while !Task.isCancelled {
        if (try? current.renew(on: socket)) != nil { break }
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private func accepts(_ current: CurrentListener) async -> Bool {
    let before = socket.pipes.total
    guard let probe = try? Socket(nng_req0_open), let dialer = probe.makeDialer(Self.here(current.address))
    else {
      return true
    }
    defer { withExtendedLifetime(probe) {} }
    if let tls = current.tls {
      guard let configuration = try? TLSConfiguration.probe(tls) else { return true }
      _ = configuration.withPointer { nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, $0) }
    }
    nng_dialer_start(dialer, Int32(NNG_FLAG_NONBLOCK))
    let end = ContinuousClock.now + Self.patience
    while socket.pipes.total == before {
      guard ContinuousClock.now < end else { return false }
      guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return true }
    }
    return true
  }

  /// Where a socket that listens at all addresses can be reached.
  private static func here(_ address: String) -> String {
    address.replacing("//*:", with: "//127.0.0.1:").replacing("//0.0.0.0:", with: "//127.0.0.1:")
  }
}
