public import AssayMessages
import AssayRPC
import AssayServices

/// The runners of a running run, asked and told as its operator.
public struct RunnerFleet: Sendable {
  /// What a listing holds.
  public struct Listing: Sendable {
    public var rows: [RunnerRow]
    /// Jobs that no active host can take, as sentences.
    public var unmet: [String]
  }

  private let client: FleetServiceClient

  /// - Throws: `SupervisorError`, when the run's services do not run.
  public static func with<Value: Sendable>(
    _ directory: StateDirectory, _ body: @Sendable (RunnerFleet) async throws -> Value
  ) async throws -> Value {
    let client = try directory.operatorClient(of: "evaluator")
    defer { client.close() }
    do {
      return try await body(RunnerFleet(client: FleetServiceClient(client)))
    } catch let error as RPCError {
      if error.code == .unimplemented {
        throw SupervisorError(.unavailable, "this run's evaluator tells nothing of its runners.")
      }
      throw SupervisorError(error)
    }
  }

  private var options: CallOptions { CallOptions(timeout: .seconds(10)) }

  public func list() async throws -> Listing {
    let answer = try await client.listRunners(.init(), options)
    return Listing(
      rows: answer.hosts.map { RunnerRow($0, now: answer.nowMs) },
      unmet: answer.unmet.map { need in
        let gpus = need.gpus.map(\.text)
        let asked =
          need.labels.isEmpty && gpus == nil && need.processor.isEmpty
          ? "\(need.memoryBytes / 1_000_000) MB a slot"
          : (need.labels
            + [
              gpus,
              need.processor.isEmpty
                ? nil : "the processor '\(need.processor)', on which their run is measured",
            ]
            .compactMap(\.self)).joined(separator: " ")
        return
          "\(need.jobs) job\(need.jobs == 1 ? "" : "s") wait for a host that offers \(asked): no active runner does; start one that does, or let the task ask for less"
      })
  }

  public func set(_ host: String, to state: RunnerV1.RunnerState, reason: String) async throws -> RunnerRow {
    var request = RunnerV1.ControlRunnerRequest()
    request.host = host
    request.state = state
    request.reason = reason
    let answer = try await client.controlRunner(request, options)
    return RunnerRow(answer.host ?? .init(), now: 0)
  }
}
