import Glibc

/// Joins standard input and output with a Unix socket, byte by byte, until either side ends.
public enum StdioBridge {
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Blocks the calling thread. Returns when the input or the socket has ended.
  public static func run(socket path: String, input: Int32 = 0, output: Int32 = 1) throws(Failure) {
    signal(SIGPIPE, SIG_IGN)
    let peer = try connect(to: path)
    defer { close(peer) }
    var inputIsOpen = true
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var polled = [
        pollfd(fd: peer, events: Int16(POLLIN), revents: 0),
        pollfd(fd: inputIsOpen ? input : -1, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&polled, 2, -1) >= 0 || errno == EINTR else { throw Failure(description: "poll failed") }
      if polled[0].revents != 0 {
        let count = read(peer, &buffer, buffer.count)
        guard count > 0 else { return }
        guard write(buffer.prefix(count), to: output) else { return }
      }
      if polled[1].revents != 0 {
        let count = read(input, &buffer, buffer.count)
        if count > 0 {
          guard write(buffer.prefix(count), to: peer) else { return }
        } else {
          // The client is done; what the server still says is passed on.
          inputIsOpen = false
          shutdown(peer, Int32(SHUT_WR))
        }
      }
    }
  }

  private static func connect(to path: String) throws(Failure) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < capacity else {
      throw Failure(description: "the socket's path is longer than \(capacity - 1) bytes; use a shorter one")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else {
      throw Failure(description: "no socket: \(String(cString: strerror(errno)))")
    }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw Failure(
        description: "nobody serves tools at \(path) (\(reason)); the agent that made it has ended")
    }
    return descriptor
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
