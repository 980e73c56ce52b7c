import AssayMessages
import AssayRPC

/// Cases in the order in which they run: later ones build on what earlier ones left.
public struct ConformanceSuite: Sendable {
  public let cases: [ConformanceCase]

  /// Runs the cases, one after the other.
  ///
  /// - Parameters:
  ///   - features: what the implementation has; cases that need more are skipped.
  ///   - knownFailing: names of cases that are allowed to fail.
  ///   - selected: whether to run a case of this name.
  ///   - report: is told of each result at once.
  public func run(
    features: Set<ConformanceCase.Feature>, knownFailing: Set<String>,
    selected: (String) -> Bool = { _ in true }, report: (ConformanceResult) -> Void
  ) async -> [ConformanceResult] {
    var results: [ConformanceResult] = []
    for one in cases where selected(one.name) {
      let isKnown = knownFailing.contains(one.name)
      var seen = ""
      var status = ConformanceResult.Status.passed
      if !one.needs.isSubset(of: features) {
        status = .skipped
        seen = "needs \(one.needs.subtracting(features).map(\.rawValue).sorted().joined(separator: ", "))"
      } else {
        do {
          try await one.body()
          if isKnown { status = .unexpectedlyPassed }
        } catch {
          status = isKnown ? .knownFailing : .failed
          seen = Self.text(error)
        }
      }
      let result = ConformanceResult(
        name: one.name, purpose: one.purpose, status: status, expected: one.expected, seen: seen)
      results.append(result)
      report(result)
      if Task.isCancelled { break }
    }
    return results
  }

  private static func text(_ error: any Error) -> String {
    switch error {
    case let error as Mismatch: error.seen
    case let error as RPCError: error.description
    case let error as TransportError: "no answer: \(error.message)"
    case let error as MessageError: "an answer that is no message: \(error.message)"
    default: "\(error)"
    }
  }
}
