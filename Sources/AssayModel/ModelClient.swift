import AssayReflection
import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

/// Asks models over HTTP. One request a call, no retries: see ``RetryMachine``.
public struct ModelClient: Sendable {
  /// How long to wait for what.
  public struct Timeouts: Sendable, Hashable {
    public var connect: Duration
    /// Without a byte from the server.
    public var idle: Duration
    /// For the whole answer.
    public var total: Duration

    public init(
      connect: Duration = .seconds(10), idle: Duration = .seconds(180), total: Duration = .seconds(900)
    ) {
      self.connect = connect
      self.idle = idle
      self.total = total
    }
  }

  /// The most bytes that an answer may have.
  public static let maximumAnswer = 32 << 20

  private let client: HTTPClient
  private let timeouts: Timeouts

  /// Runs `body` with a client whose connections are closed afterwards.
  public static func with<Result: Sendable>(
    timeouts: Timeouts = Timeouts(), _ body: (ModelClient) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPClient.Configuration()
    // A redirect would carry the key elsewhere.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: .nanoseconds(nanoseconds(timeouts.connect)), read: .nanoseconds(nanoseconds(timeouts.idle)))
    configuration.httpVersion = .http1Only
    // Whoever asks decides whether to ask again.
    configuration.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let result = try await body(ModelClient(client: client, timeouts: timeouts))
      try await client.shutdown()
      return result
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  private init(client: HTTPClient, timeouts: Timeouts) {
    self.client = client
    self.timeouts = timeouts
  }

  /// The answer of a server.
  ///
  /// - Throws: `ModelError`, whose texts hold no key; `CancellationError` when the task was cancelled.
  public func answer(_ request: ModelRequest, at endpoint: ModelEndpoint) async throws -> ModelAnswer {
    do {
      return try await exchange(request, endpoint)
    } catch {
      try Task.checkCancellation()
      let failure = Self.failure(error)
      guard let key = endpoint.key else { throw failure }
      throw ModelError(
        failure.code, key.redacting(failure.message), status: failure.status, retryAfter: failure.retryAfter,
        usage: failure.usage)
    }
  }

  private func exchange(_ request: ModelRequest, _ endpoint: ModelEndpoint) async throws -> ModelAnswer {
    var call = HTTPClientRequest(url: endpoint.url)
    call.method = .POST
    for (name, value) in endpoint.headers { call.headers.add(name: name, value: value) }
    call.body = .bytes(ByteBuffer(bytes: endpoint.body(of: request)))
    let response = try await client.execute(
      call, deadline: .now() + .nanoseconds(Self.nanoseconds(timeouts.total)))
    guard response.status.code == 200 else {
      let body = (try? await response.body.collect(upTo: 1 << 16)).map { Array($0.readableBytesView) } ?? []
      throw ServerErrorText.error(
        status: Int(response.status.code),
        (try? JSONValue(parsing: body))
          ?? .object(["message": .string(String(decoding: body, as: UTF8.self))]),
        retryAfter: ServerErrorText.retryAfter(response.headers.first(name: "retry-after")))
    }
    let type = response.headers.first(name: "content-type") ?? ""
    if type.hasPrefix("text/event-stream") {
      var parser = ServerSentEventParser()
      var stream = endpoint.api.makeStream()
      var received = 0
      do {
        for try await buffer in response.body {
          received += buffer.readableBytes
          guard received <= Self.maximumAnswer else {
            throw ModelError(.malformed, "the server's answer is larger than \(Self.maximumAnswer >> 20) MiB")
          }
          for event in try parser.take(buffer.readableBytesView) { try stream.take(event) }
        }
      } catch {
        // What was counted before the end is known, whatever ended it.
        var failure = Self.failure(error)
        if failure.code == .unreachable { failure = ModelError(.brokenOff, failure.message) }
        failure.usage = stream.usage
        throw failure
      }
      return try stream.finish()
    }
    let body = try await response.body.collect(upTo: Self.maximumAnswer)
    return try endpoint.api.answer(body.readableBytesView)
  }

  private static func failure(_ error: any Error) -> ModelError {
    if let error = error as? ModelError { return error }
    switch error as? HTTPClientError {
    case .some(.readTimeout), .some(.deadlineExceeded):
      return ModelError(.timedOut, "the server did not answer in time")
    case .some(.connectTimeout), .some(.getConnectionFromPoolTimeout):
      return ModelError(.unreachable, "no connection to the server in time; check the base URL")
    case .some(.remoteConnectionClosed):
      return ModelError(.brokenOff, "the server closed the connection before its answer ended")
    case .some(.invalidURL), .some(.emptyScheme), .some(.emptyHost):
      return ModelError(
        .refused, "the base URL is no URL of a server; write http://host:port or https://host")
    case .some, nil:
      if error is NIOTooManyBytesError {
        return ModelError(.malformed, "the server's answer is larger than \(maximumAnswer >> 20) MiB")
      }
      let refusals = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT]
      if error is NIOConnectionError || (error as? IOError).map({ refusals.contains($0.errnoCode) }) == true {
        return ModelError(.unreachable, "no connection to the server; check that it runs and the base URL")
      }
      if error is ChannelError || error is IOError {
        return ModelError(.brokenOff, "the connection broke: \(ServerErrorText.clean("\(error)"))")
      }
      return ModelError(.unreachable, "the request failed: \(ServerErrorText.clean("\(error)"))")
    }
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max / 2 : whole + attoseconds / 1_000_000_000
  }
}
