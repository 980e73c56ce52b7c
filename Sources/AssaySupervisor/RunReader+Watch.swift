import AssayMessages
import AssayRPC
import AssayServices
import Foundation

extension RunReader {
  /// The verdicts that were recorded after an event, in the order of the record, waiting a while for a first one.
  ///
  /// - Parameter sequence: 0 for all.
  /// - Returns: the trials, and the number of the last event that was looked at.
  public func verdicts(after sequence: UInt64, waiting wait: Duration) async throws -> (
    rows: [TrialRow], sequence: UInt64
  ) {
    var request = LineageV1.FollowEventsRequest()
    request.runId = description.runID
    let page = try await lineage.followEvents(
      request, StreamCursor(after: sequence, wait: wait), CallOptions(timeout: .seconds(10)))
    var rows: [TrialRow] = []
    for event in page.elements.compactMap(\.message.event) where event.kind == .verdictRecorded {
      rows.append(TrialRow(try await record(of: event.trial)))
    }
    return (rows, page.elements.last?.sequence ?? sequence)
  }
}
