public import AssayAgent
import AssayMessages
import AssayPatch
import AssayRPC

/// The record as the tools of a session ask for it: from the lineage service, which so knows what a proposal was made from.
public struct SessionViews: Sendable {
  private let run: String
  private let port: any LineagePort

  public init(run: String, port: any LineagePort) {
    self.run = run
    self.port = port
  }

  private static let options = CallOptions(timeout: .seconds(20))

  /// The first trials of a view, and whether there are more.
  func trials(
    _ selection: TrialSelection, specialist: String, root: Int, limit: Int
  ) async throws(ToolError) -> (trials: [TrialKnowledge], more: Bool) {
    var request = LineageV1.ListTrialsRequest()
    request.runId = run
    request.view = selection.view
    request.root = UInt32(clamping: root)
    request.specialist = selection == .own ? specialist : ""
    request.pageSize = UInt32(clamping: limit)
    request.brief = true
    request.shown = true
    do throws(RPCError) {
      let page = try await port.listTrials(request, Self.options)
      let trials = page.records.map { TrialKnowledge(record: $0) }
      // The view has lost trials among the failures; they are no failures of recipes.
      let wanted = selection == .failures ? trials.filter { $0.outcome?.isFailure == true } : trials
      return (wanted, !page.nextPageToken.isEmpty)
    } catch {
      throw Self.refusal(error)
    }
  }

  /// One trial, without its recipe.
  func trial(_ number: Int) async throws(ToolError) -> TrialKnowledge {
    var request = LineageV1.GetTrialRequest()
    request.runId = run
    request.trial = UInt32(clamping: number)
    request.shown = true
    do throws(RPCError) {
      guard let record = try await port.getTrial(request, Self.options).record else {
        throw RPCError(.notFound, "no record")
      }
      return TrialKnowledge(record: record)
    } catch {
      guard error.code != .notFound else {
        throw ToolError("there is no trial \(number); list_trials shows which there are")
      }
      throw Self.refusal(error)
    }
  }

  /// Fetches a recipe that is known by its digest.
  func fetch(_ recipe: RecipeTree) async throws(ToolError) {
    var request = LineageV1.GetSnapshotRequest()
    request.runId = run
    request.snapshotId = recipe.digest
    request.shown = true
    do throws(RPCError) {
      _ = try await port.getSnapshot(request, Self.options)
    } catch {
      throw Self.refusal(error)
    }
  }

  private static func refusal(_ error: RPCError) -> ToolError {
    ToolError("the lineage did not answer (\(UntrustedText.line(error.message, limit: 200))); try again")
  }
}

extension TrialSelection {
  var view: LineageV1.TrialView {
    switch self {
    case .bestLineage: .bestLineage
    case .leaderboard: .leaderboard
    case .recent: .recent
    case .failures: .failures
    case .inFlight: .inFlight
    case .own: .specialist
    case .kept: .kept
    case .subtree: .subtree
    case .orphaned: .orphaned
    }
  }
}
