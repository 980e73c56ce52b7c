public import AssayMessages

extension RPCRouter {
  /// Adds a streaming method: the handler answers one pull, with what comes after the cursor.
  ///
  /// The handler keeps nothing between pulls. It waits for a first message itself, for `cursor.wait` at most.
  public mutating func registerStream<Request: WireMessage, Response: WireMessage>(
    _ descriptor: MethodDescriptor,
    _ handler:
      @escaping @Sendable (Request, StreamCursor, CallContext) async throws -> StreamPage<Response>
  ) {
    register(descriptor) { (pull: RPCV1.StreamPull, context: CallContext) -> RPCV1.StreamBatch in
      let request: Request
      do throws(MessageError) {
        request = try Request(serialized: pull.request)
      } catch {
        throw RPCError(.invalidArgument, reason: "MALFORMED_REQUEST", "\(Request.fullName): \(error.message)")
      }
      let cursor = StreamCursor(
        after: pull.afterSequence, maximumMessages: pull.maxMessages == 0 ? 1000 : Int(pull.maxMessages),
        maximumBytes: pull.maxBytes == 0 ? 1 << 20 : Int(pull.maxBytes),
        wait: context.waitLimit(milliseconds: pull.waitMs))
      return Self.batch(try await handler(request, cursor, context), cursor)
    }
  }

  /// As much of a page as the cursor allows. What is cut away is pulled next, as the cursor is the caller's.
  static func batch<Response: WireMessage>(_ page: StreamPage<Response>, _ cursor: StreamCursor)
    -> RPCV1.StreamBatch
  {
    var batch = RPCV1.StreamBatch()
    var size = 0
    for element in page.elements.prefix(cursor.maximumMessages) {
      let bytes = element.message.serialized()
      size += bytes.count
      if size > cursor.maximumBytes, !batch.messages.isEmpty { break }
      batch.messages.append(bytes)
      batch.sequences.append(element.sequence)
    }
    batch.end = page.isEnd && batch.messages.count == page.elements.count
    return batch
  }
}
