import ArgumentParser
import AssayConformance
import AssaySupervisor
import Foundation

/// Which cases run, which are allowed to fail, and how the outcome is shown.
struct ConformanceLists: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "What the program under test has, one feature a line: \(ConformanceCase.Feature.allCases.map(\.rawValue).joined(separator: ", ")). Default: all.",
      valueName: "file"))
  var features: String?

  @Option(
    name: .customLong("known-failing"),
    help: ArgumentHelp(
      "Names of cases that are known to fail, one a line; one that passes is then unexpected.",
      valueName: "file"))
  var knownFailing: String?

  @Option(name: .long, help: ArgumentHelp("Run only cases whose name contains this.", valueName: "text"))
  var only: String?

  @Flag(name: .long, help: "Print one JSON object a case: name, purpose, status, expected, seen.")
  var json = false

  private static func lines(_ path: String?) throws -> Set<String> {
    guard let path else { return [] }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SupervisorError(.usage, "cannot read \(path)")
    }
    return Set(
      text.split(separator: "\n").map { $0.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty })
  }

  /// - Parameter possible: what can be tried as the suite was started.
  func run(_ suite: ConformanceSuite, features possible: Set<ConformanceCase.Feature>) async throws {
    var supported = possible
    if features != nil {
      let named = try Self.lines(features)
      if let unknown = named.first(where: { ConformanceCase.Feature(rawValue: $0) == nil }) {
        throw SupervisorError(.usage, "there is no feature '\(unknown)'")
      }
      supported.formIntersection(named.compactMap(ConformanceCase.Feature.init))
    }
    let known = try Self.lines(knownFailing)
    if let unknown = known.subtracting(suite.cases.map(\.name)).first {
      throw SupervisorError(.usage, "there is no case '\(unknown)', which --known-failing names")
    }
    let results = await suite.run(
      features: supported, knownFailing: known, selected: { only.map($0.contains) ?? true }
    ) { result in
      if json {
        print((try? JSONLine.encode(result)) ?? "")
      } else {
        print(Self.line(result))
      }
      fflush(nil)
    }
    let unexpected = results.filter { !$0.isExpected }
    if !json {
      let counts = Dictionary(grouping: results, by: \.status).mapValues(\.count)
      print(
        "\(results.count) cases: "
          + counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
          .joined(separator: ", "))
    }
    if results.isEmpty { throw SupervisorError(.usage, "no case has a name that contains '\(only ?? "")'") }
    if !unexpected.isEmpty {
      throw SupervisorError(
        .negative,
        "\(unexpected.count) of \(results.count) cases are not as expected: \(unexpected.map(\.name).joined(separator: ", "))"
      )
    }
  }

  private static func line(_ result: ConformanceResult) -> String {
    let mark = result.status == .passed ? "ok  " : result.status == .skipped ? "skip" : "FAIL"
    guard !result.seen.isEmpty else { return "\(mark)  \(result.name)" }
    let seen = TerminalText.oneLine(result.seen, limit: 600)
    if result.status == .skipped { return "\(mark)  \(result.name)  \(seen)" }
    return
      "\(mark)  \(result.name)  (\(result.status.rawValue))\n      \(result.purpose)\n      expected: \(result.expected)\n      seen:     \(seen)"
  }
}
