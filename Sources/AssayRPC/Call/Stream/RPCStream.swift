public import AssayMessages

/// The messages of a streaming call, pulled in batches as they are consumed: whoever reads slowly is waited for.
///
/// It ends when the server ends it, and throws the status when it fails. Nothing is skipped or repeated; to go on after a
/// failure, or in another process, start a stream after the last element's sequence number.
public struct RPCStream<Message: WireMessage>: AsyncSequence, Sendable {
  public typealias Element = StreamElement<Message>

  private let pull: @Sendable (StreamCursor) async throws(RPCError) -> StreamPage<Message>
  private let start: UInt64

  /// - Parameter options: of each pull; its timeout holds beyond the time that the server waits for a message.
  public init<Request: WireMessage>(
    _ rpc: RPCClient, _ method: MethodDescriptor, _ request: Request, after sequence: UInt64,
    _ options: CallOptions
  ) {
    start = sequence
    pull = { cursor async throws(RPCError) in try await rpc.pull(method, request, cursor, options) }
  }

  public func makeAsyncIterator() -> Iterator { Iterator(pull: pull, after: start) }

  public struct Iterator: AsyncIteratorProtocol {
    let pull: @Sendable (StreamCursor) async throws(RPCError) -> StreamPage<Message>
    private var after: UInt64
    private var batch: ArraySlice<StreamElement<Message>> = []
    private var ended = false

    init(
      pull: @escaping @Sendable (StreamCursor) async throws(RPCError) -> StreamPage<Message>, after: UInt64
    ) {
      self.pull = pull
      self.after = after
    }

    public mutating func next() async throws(RPCError) -> StreamElement<Message>? {
      try await next(isolation: nil)
    }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError)
      -> StreamElement<Message>?
    {
      while batch.isEmpty {
        if ended { return nil }
        let page = try await pull(StreamCursor(after: after, wait: .seconds(20)))
        batch = page.elements[...]
        ended = page.isEnd
      }
      let element = batch.removeFirst()
      after = element.sequence
      return element
    }
  }
}
