public import AssayIdentity
import AssayMessages
public import AssayRPC
public import AssayServices
import Foundation
import Logging
import Synchronization

/// Reads a run as its observer, who can change nothing: from its services while it runs, and from a lineage service that is
/// started for as long as somebody reads while it is stopped.
///
/// The state folder is locked only while such a service is up, so that `assay run` can go on with the run beside a reader.
public final class RecordAccess: Sendable {
  public let directory: StateDirectory
  public let description: RunDescription
  /// The public key of the service that keeps the record.
  public let logKey: PublicIdentity
  /// Fails at once while no service is up: see ``reading(_:)``.
  public let lineage: LineageServiceClient
  public let evaluator: EvaluatorServiceClient
  /// The evaluator's runners.
  public let fleet: FleetServiceClient

  private let clients: [RPCClient]
  private let readers = Mutex(0)
  private let serving = Mutex(false)
  private let demand: AsyncStream<Void>
  private let demanded: AsyncStream<Void>.Continuation

  /// How long a service that was started for readers stays up without any.
  private static let linger: Duration = .seconds(1)

  /// - Throws: `SupervisorError` when no run was started in the folder, or it has no observer's key.
  public init(_ directory: StateDirectory) throws {
    guard let description = try RunDescription.load(from: directory) else {
      throw SupervisorError(
        .usage, "no run was started in \(directory.root.path) yet. Start one with `assay run`.")
    }
    self.directory = directory
    self.description = description
    logKey = try directory.lineageIdentity()
    clients = [
      try directory.client(of: "lineage", as: "observer"),
      try directory.client(of: "evaluator", as: "observer"),
    ]
    lineage = LineageServiceClient(clients[0])
    evaluator = EvaluatorServiceClient(clients[1])
    fleet = FleetServiceClient(clients[1])
    (demand, demanded) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Closes the connections.
  public func close() { for client in clients { client.close() } }

  /// Options of a call inside ``reading(_:)``.
  public static let patient = CallOptions(timeout: .seconds(30), waitForReady: true)

  /// Runs `body` while a lineage service is up or on its way up.
  public func reading<Result>(_ body: (LineageServiceClient) async throws -> Result) async throws -> Result {
    readers.withLock { $0 += 1 }
    demanded.yield()
    defer { readers.withLock { $0 -= 1 } }
    return try await body(lineage)
  }

  /// Whether the lineage service that answers is one that was started for readers.
  var isServing: Bool { serving.withLock(\.self) }

  private var isWanted: Bool { readers.withLock { $0 > 0 } }

  /// Starts a lineage service when somebody reads and nobody runs the run. Ends when cancelled.
  public func run(logger: Logger) async {
    for await _ in demand {
      while isWanted, !Task.isCancelled {
        // Whoever holds the lock runs the services.
        guard let lock = try? directory.lock(isReader: true) else {
          try? await Task.sleep(for: .milliseconds(200))
          continue
        }
        await serve(logger)
        withExtendedLifetime(lock) {}
      }
    }
  }

  private func serve(_ logger: Logger) async {
    guard let process = try? Fleet.lineageProcess(of: directory) else {
      logger.error("no lineage service can be started: assay-lineage is not beside this program")
      try? await Task.sleep(for: .seconds(5))
      return
    }
    serving.withLock { $0 = true }
    defer { serving.withLock { $0 = false } }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await process.run(logger: logger)
        } catch {
          logger.error("\(error)")
        }
      }
      group.addTask { [self] in
        repeat {
          guard (try? await Task.sleep(for: Self.linger)) != nil else { return }
        } while isWanted
      }
      await group.next()
      group.cancelAll()
    }
  }
}
