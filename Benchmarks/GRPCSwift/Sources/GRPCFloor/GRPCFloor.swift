import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// grpc-swift-2 beside Assay's own calls: bytes that are echoed, without protobuf on top.
///   grpc-floor serve URL                           echoes until killed
///   grpc-floor call URL CALLERS SECONDS BYTES      prints: p50_us p99_us calls_per_second
///   grpc-floor stream URL SECONDS BYTES            prints: messages_per_second
@main
enum GRPCFloor {
  static let echo = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Echo")
  static let count = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Count")

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 2 else {
      print("usage: grpc-floor serve|call|stream URL ...")
      exit(2)
    }
    let place = try Place(arguments[2])
    switch arguments[1] {
    case "serve": try await serve(place)
    case "call":
      try await call(
        place, callers: Int(arguments[3])!, seconds: Double(arguments[4])!, bytes: Int(arguments[5])!)
    default: try await stream(place, seconds: Double(arguments[3])!, bytes: Int(arguments[4])!)
    }
  }

  /// `ipc://path` or `tcp://127.0.0.1:port`.
  struct Place {
    let path: String?
    let port: Int

    init(_ url: String) throws {
      if url.hasPrefix("ipc://") {
        (path, port) = (String(url.dropFirst(6)), 0)
      } else {
        (path, port) = (nil, Int(url.split(separator: ":").last ?? "") ?? 0)
      }
    }
  }

  struct Plain: MessageSerializer, MessageDeserializer {
    typealias Message = [UInt8]
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
      bytes.withUnsafeBytes { Array($0) }
    }
  }

  struct Service: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(forMethod: echo, deserializer: Plain(), serializer: Plain()) { request, _ in
        let single = try await ServerRequest(stream: request)
        return StreamingServerResponse(single: ServerResponse(message: single.message))
      }
      router.registerHandler(forMethod: count, deserializer: Plain(), serializer: Plain()) { request, _ in
        let single = try await ServerRequest(stream: request)
        return StreamingServerResponse { writer in
          while !Task.isCancelled { try await writer.write(single.message) }
          return [:]
        }
      }
    }
  }

  static func serve(_ place: Place) async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: place.path.map { .unixDomainSocket(path: $0) } ?? .ipv4(host: "127.0.0.1", port: place.port),
      transportSecurity: .plaintext)
    try await GRPCServer(transport: transport, services: [Service()]).serve()
  }

  static func withClient(
    _ place: Place, _ body: @Sendable @escaping (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Void
  )
    async throws
  {
    let transport =
      if let path = place.path {
        try HTTP2ClientTransport.Posix(target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
      } else {
        try HTTP2ClientTransport.Posix(
          target: .ipv4(address: "127.0.0.1", port: place.port), transportSecurity: .plaintext)
      }
    try await withGRPCClient(transport: transport) { try await body($0) }
  }

  static func call(_ place: Place, callers: Int, seconds: Double, bytes: Int) async throws {
    try await withClient(place) { client in
      let message = [UInt8](repeating: 120, count: bytes)
      @Sendable func once() async throws {
        _ = try await client.unary(
          request: ClientRequest(message: message), descriptor: echo, serializer: Plain(),
          deserializer: Plain(),
          options: .defaults
        ) { try $0.message }
      }
      try await once()
      let began = ContinuousClock.now
      let end = began + .seconds(seconds)
      let samples = try await withThrowingTaskGroup(of: [Double].self) { group in
        for _ in 0..<callers {
          group.addTask {
            var samples: [Double] = []
            while ContinuousClock.now < end {
              let start = ContinuousClock.now
              try await once()
              samples.append(start.duration(to: .now) / .microseconds(1))
            }
            return samples
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }.sorted()
      let elapsed = began.duration(to: .now) / .seconds(1)
      print(samples[samples.count / 2], samples[samples.count * 99 / 100], Double(samples.count) / elapsed)
    }
  }

  static func stream(_ place: Place, seconds: Double, bytes: Int) async throws {
    try await withClient(place) { client in
      let began = ContinuousClock.now
      let end = began + .seconds(seconds)
      let received = try await client.serverStreaming(
        request: ClientRequest(message: [UInt8](repeating: 120, count: bytes)), descriptor: count,
        serializer: Plain(), deserializer: Plain(), options: .defaults
      ) { response in
        var received = 0
        for try await _ in response.messages {
          received += 1
          if received.isMultiple(of: 64), ContinuousClock.now >= end { break }
        }
        return received
      }
      print(Double(received) / (began.duration(to: .now) / .seconds(1)))
    }
  }
}
