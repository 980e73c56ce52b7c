public import AssayIdentity
public import AssayRPC
import AssayServices
public import Logging

/// The cases of a runner. The suite serves it jobs, as an evaluator does.
public struct RunnerSuite: Sendable {
  private let desk = JobDesk()
  private let server: RPCServer
  public let suite: ConformanceSuite

  /// - Parameters:
  ///   - transport: where the runner dials.
  ///   - identity: the key that the runner expects of its evaluator.
  ///   - trust: names the runner, in the role `runner`.
  ///   - control: the runner, where the suite may stop it.
  ///   - secrets: files of its host that no job may read.
  public init(
    transport: any ServerTransport, identity: IdentityKey, trust: TrustStore, control: Subject.Control?,
    secrets: [String], logger: Logger
  ) {
    var router = RPCRouter()
    router.register(desk)
    server = RPCServer(
      transport: transport, router: router, identity: identity, trust: trust,
      configuration: .init(name: "conformance"), logger: logger)
    suite = ConformanceSuite(cases: RunnerCases(desk: desk, control: control, secrets: secrets).cases)
  }

  /// Serves while `body` runs.
  public func serving<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [server] in try await server.run() }
      do {
        let value = try await body()
        server.beginGracefulShutdown()
        try await group.waitForAll()
        return value
      } catch {
        server.beginGracefulShutdown()
        throw error
      }
    }
  }
}
