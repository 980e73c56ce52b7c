public import AssayMessages

extension RPCClient {
  /// Pulls one batch of a streaming method.
  ///
  /// - Throws: as `call` does; INTERNAL when the batch is out of order, which is never passed on.
  public func pull<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ cursor: StreamCursor, _ options: CallOptions
  ) async throws(RPCError) -> StreamPage<Response> {
    var pull = RPCV1.StreamPull()
    pull.request = request.serialized()
    pull.afterSequence = cursor.after
    pull.maxMessages = UInt32(cursor.maximumMessages)
    pull.maxBytes = UInt32(cursor.maximumBytes)
    pull.waitMs = UInt32(clamping: Int(cursor.wait.seconds * 1000))
    var options = options
    options.timeout += cursor.wait
    let batch: RPCV1.StreamBatch = try await call(method, pull, options)
    var page = StreamPage<Response>(isEnd: batch.end)
    page.elements.reserveCapacity(batch.messages.count)
    var last = cursor.after
    guard batch.messages.count == batch.sequences.count else { throw Self.disorder(method) }
    for (sequence, bytes) in zip(batch.sequences, batch.messages) {
      guard sequence > last else { throw Self.disorder(method) }
      last = sequence
      do throws(MessageError) {
        page.elements.append(StreamElement(sequence, try Response(serialized: bytes)))
      } catch {
        throw RPCError(
          .internal, reason: "MALFORMED_RESPONSE",
          "a message of \(method.name) is malformed: \(error.message)")
      }
    }
    return page
  }

  private static func disorder(_ method: MethodDescriptor) -> RPCError {
    RPCError(
      .internal, reason: "MALFORMED_RESPONSE",
      "the server's batch of \(method.name) is out of order; start again after the last message you have")
  }
}

extension RPCClient {
  /// The health of the server, or of one service of it: now, then each change. It ends when the server drains.
  public func watchHealth(_ service: String = "") -> RPCStream<RPCV1.WatchHealthResponse> {
    var request = RPCV1.WatchHealthRequest()
    request.service = service
    return RPCStream(self, BuiltInMethods.watchHealth, request, after: 0, CallOptions())
  }

  /// The schema of the server, as a serialized `google.protobuf.FileDescriptorSet`.
  public func descriptorSet(_ options: CallOptions = CallOptions()) async throws(RPCError) -> [UInt8] {
    let response: RPCV1.GetDescriptorSetResponse = try await call(
      BuiltInMethods.getDescriptorSet, RPCV1.GetDescriptorSetRequest(), options)
    return response.descriptorSet
  }

  /// Name, version, limits and services of the server.
  public func serverInfo(_ options: CallOptions = CallOptions()) async throws(RPCError)
    -> RPCV1.GetServerInfoResponse
  {
    try await call(BuiltInMethods.getServerInfo, RPCV1.GetServerInfoRequest(), options)
  }
}
