public import AssayMessages

/// Which methods a server has, and what runs for each.
public struct RPCRouter: Sendable {
  typealias Handler = @Sendable ([UInt8], CallContext) async throws -> [UInt8]

  struct Route: Sendable {
    let descriptor: MethodDescriptor
    let handler: Handler
    let metrics: MethodMetrics
  }

  private(set) var routes: [String: Route] = [:]

  public init() {}

  /// Full names of the registered services, sorted.
  public var services: [String] { Set(routes.values.map(\.descriptor.service)).sorted() }

  /// Adds a method; generated `register(_ service:)` calls this for each of a service's methods.
  public mutating func register<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) {
    routes[descriptor.name] = Route(
      descriptor: descriptor,
      handler: Self.decoding(descriptor, handler),
      metrics: MethodMetrics(descriptor.name))
  }

  private static func decoding<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) -> Handler {
    { payload, context in
      let request: Request
      do throws(MessageError) {
        request = try Request(serialized: payload)
      } catch {
        throw RPCError(.invalidArgument, reason: "MALFORMED_REQUEST", "\(Request.fullName): \(error.message)")
      }
      return try await handler(request, context).serialized()
    }
  }
}
