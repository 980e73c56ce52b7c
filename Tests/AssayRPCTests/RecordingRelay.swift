import Foundation
import Synchronization

/// A TCP relay between a client and a server that keeps what passes: what a listener on the network sees.
final class RecordingRelay: Sendable {
  private let listener: Int32
  private let target: UInt16
  let port: UInt16
  private let seen = Mutex<[UInt8]>([])
  private let sockets = Mutex<[Int32]>([])

  /// - Parameter address: ends with the server's port, on 127.0.0.1.
  init(to address: String) throws {
    target = UInt16(address.split(separator: ":").last ?? "") ?? 0
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var name = Self.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    port = UInt16(bigEndian: name.sin_port)
    sockets.withLock { $0.append(listener) }
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = Self.loopback(target)
        let connected = withUnsafePointer(to: &name) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
        sockets.withLock { $0 += [client, server] }
        guard connected == 0 else { continue }
        for (from, to) in [(client, server), (server, client)] {
          Thread.detachNewThread { [self] in copy(from, to) }
        }
      }
    }
  }

  /// All bytes so far, both ways.
  var bytes: [UInt8] { seen.withLock { $0 } }

  func contains(_ text: String) -> Bool {
    let bytes = bytes
    return bytes.firstRange(of: Array(text.utf8)) != nil
  }

  func close() {
    for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
    sockets.withLock { sockets in
      for socket in sockets { Glibc.close(socket) }
      sockets = []
    }
  }

  private func copy(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      seen.withLock { $0 += buffer[..<count] }
      var sent = 0
      while sent < count {
        let step = buffer[sent..<count].withUnsafeBytes {
          send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard step > 0 else { return }
        sent += step
      }
    }
    shutdown(to, Int32(SHUT_RDWR))
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    name.sin_port = port.bigEndian
    return name
  }
}
