public import AssayReflection
import Foundation
import Glibc
import Synchronization

/// An HTTP server that answers what a test tells it to, byte by byte: also what no decent server would.
public final class ScriptedServer: Sendable {
  public struct Request: Sendable {
    public var path: String
    public var headers: [String: String]
    public var body: JSONValue
  }

  public struct Reply: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    /// Sent one after another.
    public var parts: [[UInt8]]
    /// Whether the answer's length is announced; if not, the end of the connection ends it.
    public var announcesMore: Int
    /// Whether the connection stays open and silent after the last part, until the server stops.
    public var hangs: Bool

    public init(
      _ status: Int = 200, headers: [(String, String)] = [("content-type", "application/json")],
      parts: [[UInt8]],
      announcesMore: Int = 0, hangs: Bool = false
    ) {
      self.status = status
      self.headers = headers
      self.parts = parts
      self.announcesMore = announcesMore
      self.hangs = hangs
    }

    public static func json(_ value: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> Reply
    {
      Reply(
        status, headers: [("content-type", "application/json")] + headers,
        parts: [Array(value.canonicalText.utf8)])
    }

    /// A stream of events, cut into pieces of so many bytes.
    public static func events(_ text: String, piece: Int = 7, brokenOff: Bool = false) -> Reply {
      let bytes = Array(text.utf8)
      let parts = stride(from: 0, to: bytes.count, by: piece).map {
        Array(bytes[$0..<min($0 + piece, bytes.count)])
      }
      return Reply(
        200, headers: [("content-type", "text/event-stream")], parts: parts,
        announcesMore: brokenOff ? 1000 : 0)
    }
  }

  public let port: UInt16
  public var address: String { "http://127.0.0.1:\(port)" }
  private let listener: Int32
  private let requests = Mutex<[Request]>([])
  private let hanging = Mutex<[Int32]>([])
  private let respond: @Sendable (Request, Int) -> Reply

  /// What was asked so far.
  public var seen: [Request] { requests.withLock { $0 } }

  /// - Parameter respond: the answer to a request, which is the how-manyth, from 0.
  public init(_ respond: @escaping @Sendable (Request, Int) -> Reply) throws {
    self.respond = respond
    (listener, port) = try Self.listen()
    Thread.detachNewThread { [listener, weak self] in
      while true {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { return }
        guard let server = self else {
          close(peer)
          return
        }
        Thread.detachNewThread { server.serve(peer) }
      }
    }
  }

  private static func listen() throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(listener, raw, length) == 0 && Glibc.listen(listener, 64) == 0
          && getsockname(listener, raw, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  public func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    for peer in hanging.withLock({ $0 }) { shutdown(peer, Int32(SHUT_RDWR)) }
  }

  private func serve(_ peer: Int32) {
    defer { close(peer) }
    guard let request = Self.read(peer) else { return }
    let number = requests.withLock { list -> Int in
      list.append(request)
      return list.count - 1
    }
    let reply = respond(request, number)
    let size = reply.parts.map(\.count).reduce(0, +) + reply.announcesMore
    var head = "HTTP/1.1 \(reply.status) Scripted\r\nconnection: close\r\ncontent-length: \(size)\r\n"
    for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
    guard Self.write(Array((head + "\r\n").utf8), to: peer) else { return }
    var one: Int32 = 1
    setsockopt(peer, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    for part in reply.parts { guard Self.write(part, to: peer) else { return } }
    guard reply.hangs else { return }
    hanging.withLock { $0.append(peer) }
    var byte: UInt8 = 0
    while Glibc.read(peer, &byte, 1) > 0 {}
    hanging.withLock { list in list.removeAll { $0 == peer } }
  }

  private static func read(_ peer: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let end = Array("\r\n\r\n".utf8)
    func headEnd() -> Int? {
      guard bytes.count >= 4 else { return nil }
      return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(end) }
    }
    while headEnd() == nil {
      let count = Glibc.read(peer, &buffer, buffer.count)
      guard count > 0 else { return nil }
      bytes += buffer.prefix(count)
    }
    guard let split = headEnd() else { return nil }
    let lines = String(decoding: bytes[..<split], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    var body = Array(bytes[(split + 4)...])
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while body.count < length {
      let count = Glibc.read(peer, &buffer, buffer.count)
      guard count > 0 else { return nil }
      body += buffer.prefix(count)
    }
    return Request(
      path: lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "", headers: headers,
      body: (try? JSONValue(parsing: body)) ?? .null)
  }

  private static func write(_ bytes: [UInt8], to peer: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
