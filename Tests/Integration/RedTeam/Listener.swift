import Glibc

/// A server of the host that takes connections and says nothing: for who tries to reach one.
final class Listener: Sendable {
  static let shared = Listener()

  let port: UInt16
  private let descriptor: Int32

  private init() {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(descriptor, pointer, length) == 0, listen(descriptor, 64) == 0 else { return Int32(-1) }
        return getsockname(descriptor, pointer, &length)
      }
    }
    precondition(result == 0, "no listener for the red team")
    port = UInt16(bigEndian: address.sin_port)
  }
}
