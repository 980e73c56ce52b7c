import AssayIdentity
import AssayMessages
import AssayRPC
import AssayServiceHost
import AssayServices
import Foundation

/// An evaluator that somebody else runs: where it is, and the key that it must prove.
public struct ExternalEvaluator: Codable, Hashable, Sendable {
  public var address: String
  /// `assay-ed25519:...`
  public var key: String

  /// - Parameter key: the text, or a file that holds it.
  /// - Throws: `SupervisorError` for a key that is none.
  public init(address: String, key: String) throws {
    self.address = address
    do {
      self.key = try PublicIdentity(textOrFile: key).text
    } catch {
      throw SupervisorError(.usage, "--evaluator-key: \(error.message)")
    }
  }

  func identity() throws -> PublicIdentity {
    do {
      return try PublicIdentity(text: key)
    } catch {
      throw SupervisorError(.usage, "--evaluator-key: \(error.message)")
    }
  }

  /// A client for one of the run's identities.
  func client(_ keys: KeyRing, as name: String = "operator") throws -> RPCClient {
    do {
      return try ServiceDialing.client(
        address, server: try identity(), as: try keys.key(of: name),
        tls: try keys.certificates.credentials(of: name))
    } catch let error as TransportError {
      throw SupervisorError(.usage, error.message)
    }
  }

  /// The task as the evaluator describes it to this run's operator.
  func describe(_ task: String, keys: KeyRing) async throws -> RunTask {
    let client = try client(keys)
    defer { client.close() }
    var request = EvaluatorV1.DescribeTaskRequest()
    request.taskName = task
    do throws(RPCError) {
      let answer = try await EvaluatorServiceClient(client).describeTask(
        request, CallOptions(timeout: .seconds(20), waitForReady: true))
      guard let described = answer.task else {
        throw RPCError(.internal, "the evaluator at \(address) describes no task '\(task)'")
      }
      guard described.evaluatorKey == (try? identity())?.bytes else {
        throw RPCError(
          .failedPrecondition,
          "the evaluator at \(address) signs with another key than the one that was named")
      }
      return RunTask(described)
    } catch {
      guard error.reason == "NOT_TRUSTED" else { throw SupervisorError(error) }
      throw SupervisorError(
        .unavailable,
        "the evaluator at \(address) does not know this run. Make keys for the task's specialists (assay keys init "
          + "--directory \(keys.folder.path) --specialists ...), give its owner \(keys.folder.path)/trust-evaluator.json, "
          + "which names the run's operator, agents and runner, and start the run again.")
    }
  }
}
