import AssayRPC
public import AssaySupervisor
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
public import ServiceLifecycle

/// Serves the page and what it asks for. It has an observer's keys only, and answers nothing but questions.
public struct DashboardServer: Service {
  private let mirrors: [any ShownRun]
  private let options: DashboardOptions
  private let logger: Logger
  private let page: PageDocument
  private let onListening: @Sendable (Int) -> Void
  /// Tells versions of this process from those of an earlier one.
  private let epoch = String(UInt32.random(in: 0 ... .max), radix: 36)

  /// - Parameters:
  ///   - runs: what is shown; the first one first.
  ///   - onListening: told the port when the page can be asked for.
  /// - Throws: `SupervisorError` for a run that cannot be read, `DashboardError` when the page's files are missing.
  public init(
    _ runs: [RunLocation], options: DashboardOptions, logger: Logger,
    onListening: @escaping @Sendable (Int) -> Void
  ) throws {
    mirrors = try runs.map { try $0.shown(logger: logger) }
    self.options = options
    self.logger = logger
    self.onListening = onListening
    page = try PageDocument(title: "Assay")
  }

  public func run() async throws {
    var quiet = logger
    quiet.logLevel = max(.warning, logger.logLevel)
    let application = Application(
      router: router(),
      server: .http1(
        configuration: .init(
          idleTimeout: .seconds(60),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
      configuration: .init(
        address: .hostname(options.host, port: options.port),
        availableConnectionsDelegate: MaximumAvailableConnections(256, logger: quiet)),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? options.port) }, logger: quiet)
    defer { for mirror in mirrors { mirror.close() } }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for mirror in mirrors {
        // A mirror that ends lets the streams of events end, for which the server waits.
        group.addTask {
          await cancelWhenGracefulShutdown { await mirror.run() }
          return false
        }
      }
      group.addTask {
        try await application.run()
        return true
      }
      defer { group.cancelAll() }
      while let isServer = try await group.next(), !isServer {}
    }
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.middlewares.add(AccessControl(options: options, policy: page.policy))
    router.get("/") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: page.html)))
    }
    router.get("/api/session") { _, _ in session() }
    router.get("/api/runs") { _, _ in try await runs() }
    router.get("/api/runs/:run/trials") { _, context in try await trials(of: mirror(context)) }
    router.get("/api/runs/:run/trials/:trial") { _, context in
      let mirror = try mirror(context)
      let number = try trial(context)
      return try await reading { try JSONAnswer.of(try await mirror.page(of: number)) }
    }
    router.get("/api/runs/:run/trials/:trial/proof") { _, context in
      try await proof(of: trial(context), in: mirror(context))
    }
    router.get("/api/events") { request, _ in events(request) }
    if options.mlflow { MLflowFacade(mirrors: mirrors).register(on: router) }
    return router
  }

  /// Turns the token of this request into a cookie, so that the stream of events, which cannot carry headers, is let in too.
  private func session() -> Response {
    var response = JSONAnswer.data(Data("{}".utf8))
    if let token = options.token {
      response.headers[.setCookie] =
        "\(AccessControl.cookie(for: token))=\(token); HttpOnly; SameSite=Strict; Path=/; Max-Age=86400"
    }
    return response
  }

  private func mirror(_ context: BasicRequestContext) throws -> any ShownRun {
    guard let number = context.parameters.get("run").flatMap(Int.init), mirrors.indices.contains(number)
    else {
      throw DashboardRefusal(.notFound, "there is no such run here; /api/runs lists them")
    }
    return mirrors[number]
  }

  private func trial(_ context: BasicRequestContext) throws -> UInt32 {
    guard let number = context.parameters.get("trial").flatMap(UInt32.init) else {
      throw DashboardRefusal(.notFound, "a trial is named by its number")
    }
    return number
  }

  private func reading(_ body: () async throws -> Response) async throws -> Response {
    do {
      return try await body()
    } catch let error as RPCError {
      throw error.code == .notFound
        ? DashboardRefusal(.notFound, error.message)
        : DashboardRefusal(.serviceUnavailable, error.message)
    }
  }

  private struct Runs: Encodable {
    var epoch: String
    var runs: [RunView]
  }

  private func runs() async throws -> Response {
    var views: [RunView] = []
    for mirror in mirrors { views.append(await mirror.view) }
    return try JSONAnswer.of(Runs(epoch: epoch, runs: views))
  }

  private struct Trials: Encodable {
    var epoch: String
    var version: UInt64
    var view: RunView
    var columns: TrialColumns
  }

  private func trials(of mirror: any ShownRun) async throws -> Response {
    await mirror.loaded()
    let change = await mirror.changes(after: 0)
    return try JSONAnswer.of(
      Trials(
        epoch: epoch, version: change.version, view: await mirror.view, columns: TrialColumns(change.points)))
  }

  private func proof(of trial: UInt32, in mirror: any ShownRun) async throws -> Response {
    try await reading {
      guard let proof = try await mirror.proof(of: trial) else {
        throw DashboardRefusal(
          .notFound, "the log has no verdict of trial \(trial) yet that the evaluator has vouched for")
      }
      return Response(
        status: .ok,
        headers: [
          .contentType: "text/plain; charset=utf-8",
          .contentDisposition: "attachment; filename=\"\(trial).proof\"",
        ], body: ResponseBody(byteBuffer: ByteBuffer(string: proof)))
    }
  }

  // MARK: Live changes

  private struct Update: Encodable {
    var run: Int
    var version: UInt64
    var view: RunView?
    var columns: TrialColumns
  }

  /// Server-sent events: what changed after the versions that the reader names, and what changes from then on.
  private func events(_ request: Request) -> Response {
    let last = request.headers[HTTPField.Name("Last-Event-ID")!] ?? ""
    let wanted = request.uri.queryParameters["after"].map(String.init) ?? ""
    let cursor = EventCursor(last.isEmpty ? wanted : last, epoch: epoch, runs: mirrors.count)
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", HTTPField.Name("X-Accel-Buffering")!: "no",
      ],
      body: ResponseBody { [mirrors] writer in
        try await Self.stream(mirrors, from: cursor, to: &writer)
        try await writer.finish(nil)
      })
  }

  private static func stream(
    _ mirrors: [any ShownRun], from start: EventCursor, to writer: inout any ResponseBodyWriter
  ) async throws {
    var cursor = start
    if cursor.isForeign {
      try await writer.write(ByteBuffer(string: "event: reload\ndata: {}\n\n"))
      return
    }
    try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
    let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for mirror in mirrors {
        group.addTask {
          let (reader, updates) = await mirror.updates()
          for await _ in updates { signal.yield() }
          await mirror.forget(reader)
          signal.finish()
        }
      }
      group.addTask {
        // A reader that went away is noticed by writing to it.
        while (try? await Task.sleep(for: .seconds(15))) != nil { signal.yield() }
      }
      defer { group.cancelAll() }
      for await _ in signals {
        var isQuiet = true
        for (number, mirror) in mirrors.enumerated() {
          let change = await mirror.changes(after: cursor.versions[number])
          cursor.versions[number] = change.version
          guard !change.isEmpty else { continue }
          isQuiet = false
          let json = try PageJSON.encode(
            Update(
              run: number, version: change.version, view: change.view, columns: TrialColumns(change.points)))
          try await writer.write(
            ByteBuffer(string: "id: \(cursor.text)\ndata: \(String(decoding: json, as: UTF8.self))\n\n"))
        }
        if isQuiet { try await writer.write(ByteBuffer(string: ": still here\n\n")) }
        // Many changes in a short time are one event.
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }
}
