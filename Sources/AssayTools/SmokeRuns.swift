public import AssayAgent
import AssayMessages
import AssayRPC
import Foundation

/// Asks the run's evaluator for smoke runs.
public struct SmokeRuns: Sendable {
  private let run: String
  private let port: any SmokeRunPort
  /// How long the end of one is waited for, its time in the queue included.
  static let patience = Duration.seconds(900)

  public init(run: String, port: any SmokeRunPort) {
    self.run = run
    self.port = port
  }

  /// The end of one.
  ///
  /// - Parameter edit: unified diff against the recipe of `parent`; empty for that recipe itself.
  func result(of edit: [UInt8], parent: Int, seconds: Int) async throws(ToolError)
    -> EvaluatorV1.SmokeRunResponse
  {
    var request = EvaluatorV1.SmokeRunRequest()
    request.runId = run
    request.parent = UInt32(clamping: parent)
    request.edit = edit
    request.seconds = UInt32(clamping: seconds)
    request.waitMs = 25_000
    // The same for every attempt: a lost answer begins no second one.
    let key = String(UInt64.random(in: 0 ... .max), radix: 36)
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end {
      do throws(RPCError) {
        let answer = try await port.smokeRun(
          request, CallOptions(timeout: .seconds(40), idempotencyKey: key, waitForReady: true))
        if answer.ended { return answer }
      } catch {
        if error.code == .unimplemented {
          throw ToolError("this run's evaluator makes no smoke runs; check_syntax is what there is")
        }
        throw ToolError(UntrustedText.line(error.message, limit: 2000))
      }
    }
    throw ToolError("no runner was free for it; go on without, or try again later")
  }
}
