import AssayCertificates
import AssayRPC
import AssayRPCNNG
import Foundation
import Synchronization

/// One address, at which servers may come and go, and clients of it.
public final class TestWire: Sendable {
  public let kind: TestTransport
  private let folder: URL
  /// What both ends prove themselves with, over TLS.
  private let tls: TLSCredentials?
  private struct State {
    var address = ""
    var current: InProcessTransport?
  }
  private let state = Mutex(State())

  public init(_ kind: TestTransport) throws {
    self.kind = kind
    let name = "assay-\(UInt32.random(in: 0 ... .max))"
    folder = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    tls = kind == .nngTLS ? try Self.makeCredentials() : nil
    let address =
      switch kind {
      case .inProcess: "in-process"
      case .nngInproc: "inproc://\(name)"
      case .nngIPC: "ipc://\(folder.appending(path: "s").path)"
      case .nngTCP: "tcp://127.0.0.1:0"
      case .nngTLS: "tls+tcp://127.0.0.1:0"
      }
    state.withLock { $0.address = address }
  }

  private static func makeCredentials() throws -> TLSCredentials {
    let authority = try CertificateAuthority(name: "test")
    return TLSCredentials(
      authorities: try authority.certificatePEM,
      certificate: try authority.issue(name: "anybody", hosts: ["127.0.0.1"], lifetime: .seconds(600)).pem)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  public var address: String { state.withLock { $0.address } }

  public func makeServer() throws -> any ServerTransport {
    if kind == .inProcess {
      let server = InProcessTransport()
      state.withLock { $0.current = server }
      return server
    }
    let server = try NNGServerTransport(address: address, tls: tls)
    // A port that was chosen stays the same over restarts.
    state.withLock { $0.address = server.address }
    return server
  }

  public func makeClient() throws -> any ClientTransport {
    kind == .inProcess ? InProcessRedialer(wire: self) : try NNGClientTransport(address: address, tls: tls)
  }

  /// Reaches whichever server the wire has now, as a dialer does.
  private struct InProcessRedialer: ClientTransport {
    let wire: TestWire

    func exchange(_ request: [UInt8], timeout: Duration) async throws -> [UInt8] {
      guard let server = wire.state.withLock({ $0.current }) else {
        throw TransportError(.notSent, "nobody serves")
      }
      return try await server.makeClient().exchange(request, timeout: timeout)
    }

    var connection: ConnectionState { wire.state.withLock { $0.current } == nil ? .connecting : .ready }

    func connection(after known: ConnectionState, for limit: Duration) async -> ConnectionState { connection }

    func post(_ request: [UInt8]) { wire.state.withLock { $0.current }?.makeClient().post(request) }
    func close() {}
  }
}
